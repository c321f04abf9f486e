package io.millstream.engine.route;

import io.millstream.api.Filter;
import io.millstream.api.Header;
import io.millstream.api.Message;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/// A message as bindings look at it. The body is read once, and only if a binding asks.
public final class Subject {
    private final String key;
    private final List<Header> headers;
    private final Message message;
    private @Nullable Map<String, @Nullable Object> fields;
    private @Nullable Map<String, @Nullable Object> body;
    private boolean bodyWasRead;

    /// A message that was published with this routing key.
    public Subject(String key, Message message) {
        this.key = key;
        this.headers = message.headers();
        this.message = message;
    }

    String key() {
        return key;
    }

    List<Header> headers() {
        return headers;
    }

    /// The value of a header as text, or an empty one if there is none.
    String header(String name) {
        return message.header(name).map(Header::text).orElse("");
    }

    /// What a filter of this scope looks at, or null if there is no such thing.
    @Nullable Map<String, @Nullable Object> properties(Filter.Scope scope) {
        return switch (scope) {
            case HEADERS -> fields();
            case BODY -> body();
        };
    }

    private Map<String, @Nullable Object> fields() {
        if (fields == null) {
            fields = HeaderValues.of(headers);
        }
        return fields;
    }

    private @Nullable Map<String, @Nullable Object> body() {
        if (!bodyWasRead) {
            bodyWasRead = true;
            body = JsonText.object(message.body());
        }
        return body;
    }

    /// Whether a filter lets it through.
    public boolean passes(Filter filter) {
        return Judge.whyNot(filter, this) == null;
    }
}
