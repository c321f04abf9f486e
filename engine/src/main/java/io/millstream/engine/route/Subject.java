package io.millstream.engine.route;

import io.millstream.api.Filter;
import io.millstream.api.Header;
import io.millstream.api.Message;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A message as bindings look at it. The body is read once, and only if a binding asks.
///
/// It counts what is compared with it: one publish must not keep all others waiting, however many
/// filters and values there are. What is asked after [#COMPARISONS_MAX] is answered with no.
public final class Subject {
    /// How often something may be compared with one message: a value with a test, a header with
    /// what a binding asks for, a word with a pattern. Texts count for each [#CHARS_AT_ONCE] of
    /// their characters.
    public static final int COMPARISONS_MAX = 20_000_000;

    private static final int CHARS_AT_ONCE = 8;

    private final String key;
    private final List<Header> headers;
    private final Message message;
    private @Nullable Map<String, List<Header>> byName;
    private @Nullable Map<String, @Nullable Object> fields;
    private @Nullable Map<String, @Nullable Object> body;
    private boolean bodyWasRead;
    private long comparisons;

    /// A message that was published with this routing key.
    public Subject(String key, Message message) {
        this.key = key;
        this.headers = message.headers();
        this.message = message;
    }

    String key() {
        return key;
    }

    /// The headers of a name.
    List<Header> headers(String name) {
        if (byName == null) {
            byName = headers.stream().collect(Collectors.groupingBy(Header::name));
        }
        return byName.getOrDefault(name, List.of());
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

    /// Notes that so many things are compared with it.
    ///
    /// @return whether they may be
    boolean mayCompare(long things) {
        comparisons += things;
        return !isExhausted();
    }

    /// As [#mayCompare], of texts of so many characters together.
    boolean mayCompareText(long chars) {
        return mayCompare(1 + chars / CHARS_AT_ONCE);
    }

    /// Whether more was to be compared than may be, so that nobody knows where it goes.
    public boolean isExhausted() {
        return comparisons > COMPARISONS_MAX;
    }
}
