package io.millstream.server.work;

import io.millstream.api.Fence;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.jobs.JobContext;

import org.jspecify.annotations.Nullable;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What a program is told of its message, as variables of its environment:
///
/// | variable | is |
/// |---|---|
/// | `MILLSTREAM_QUEUE` | the queue |
/// | `MILLSTREAM_ID` | the message's id, or else its queue and place, `mail-17` |
/// | `MILLSTREAM_ATTEMPT` | 1 for the first attempt |
/// | `MILLSTREAM_FENCE` | which lease this is; a later one is greater, compared as text |
/// | `MILLSTREAM_SUBMITTED` | when the message was stored, in ISO 8601 |
/// | `MILLSTREAM_TYPE` | its type |
/// | `MILLSTREAM_KEY` | its group: the key of a job |
/// | `MILLSTREAM_CONTENT_TYPE`, `_CORRELATION_ID`, `_REPLY_TO` | these |
/// | `TRACEPARENT` | its W3C trace context |
/// | `MILLSTREAM_HEADER_NAME` | the first header whose name becomes `NAME` |
/// | `MILLSTREAM_OMITTED` | how many of these were left out, if any were |
///
/// A header's name becomes `NAME` in capitals, with `_` for all but letters and digits of ASCII.
/// Its value is the text of a text or a number, and Base64 of anything else.
///
/// What the message does not have is not set. A value is whole or left out: if it is longer than
/// [#VALUE_BYTES_MAX], or all together would be longer than [#BYTES_MAX], or it holds what no
/// variable can hold: a NUL, or characters that this machine's locale lacks.
final class MessageVariables {
    static final int VALUE_BYTES_MAX = 16 << 10;
    static final int BYTES_MAX = 128 << 10;

    private static final String PREFIX = "MILLSTREAM_";
    private static final String HEADER_PREFIX = PREFIX + "HEADER_";
    private static final String TRACE = "TRACEPARENT";
    private static final String OMITTED = PREFIX + "OMITTED";
    private static final Set<String> OWN =
            Set.of(
                    "QUEUE",
                    "ID",
                    "ATTEMPT",
                    "FENCE",
                    "SUBMITTED",
                    "TYPE",
                    "KEY",
                    "CONTENT_TYPE",
                    "CORRELATION_ID",
                    "REPLY_TO",
                    "OMITTED");
    private static final Charset OF_PLATFORM =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private final Map<String, String> set = new HashMap<>();
    private int bytes;
    private int omitted;

    private MessageVariables() {}

    /// Sets them in an environment in which those of another message may be.
    static void put(Map<String, String> environment, Message message, JobContext context) {
        environment.keySet().removeIf(name -> name.startsWith(HEADER_PREFIX) || name.equals(TRACE));
        OWN.forEach(name -> environment.remove(PREFIX + name));
        environment.putAll(of(message, context).set);
    }

    private static MessageVariables of(Message message, JobContext context) {
        MessageVariables variables = new MessageVariables();
        variables.add(PREFIX + "QUEUE", context.queue());
        variables.add(PREFIX + "ID", context.id());
        variables.add(PREFIX + "ATTEMPT", String.valueOf(context.attempt()));
        variables.add(PREFIX + "FENCE", text(context.fence()));
        variables.add(PREFIX + "SUBMITTED", context.submitted().toString());
        variables.add(PREFIX + "TYPE", message.type());
        variables.add(PREFIX + "KEY", message.group());
        variables.add(PREFIX + "CONTENT_TYPE", message.contentType());
        variables.add(PREFIX + "CORRELATION_ID", message.correlationId());
        variables.add(PREFIX + "REPLY_TO", message.replyTo());
        variables.add(TRACE, message.trace());
        for (Header header : message.headers()) {
            variables.add(HEADER_PREFIX + name(header.name()), value(header));
        }
        if (variables.omitted > 0) {
            variables.set.put(OMITTED, String.valueOf(variables.omitted));
        }
        return variables;
    }

    /// Of one length, so that texts compare as fences do.
    static String text(Fence fence) {
        return String.format(Locale.ROOT, "%010d-%019d", fence.epoch(), fence.position());
    }

    static String name(String header) {
        return header.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private static String value(Header header) {
        return header.type().startsWith(Header.TEXT) || header.type().startsWith(Header.NUMBER)
                ? header.text()
                : Base64.getEncoder().encodeToString(header.value().toArray());
    }

    private void add(String name, @Nullable String value) {
        if (value == null || set.containsKey(name)) {
            return;
        }
        int length = value.getBytes(StandardCharsets.UTF_8).length;
        int total = bytes + name.length() + length;
        if (length > VALUE_BYTES_MAX || total > BYTES_MAX || !isSayable(value)) {
            omitted++;
            return;
        }
        set.put(name, value);
        bytes = total;
    }

    private static boolean isSayable(String value) {
        return value.indexOf('\0') < 0 && OF_PLATFORM.newEncoder().canEncode(value);
    }
}
