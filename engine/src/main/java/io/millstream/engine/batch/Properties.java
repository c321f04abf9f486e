package io.millstream.engine.batch;

import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// What a message has and a record of Kafka's has no field for, as the value of one more header, so
/// that it comes back as it was. A message without any of it has no such header.
///
/// ```
///  +---------+---------------------------------------------------------------------+
///  | format  | id type contentType correlationId replyTo group trace               |
///  | 1, = 2  | priority delay ttl hasTime typed (a type for each header, if typed) |
///  |         | deduplication                                                       |
///  +---------+---------------------------------------------------------------------+
/// ```
///
/// Format 1 ends before the deduplication.
///
/// Texts and numbers as [Output] writes them.
final class Properties {
    /// The name of the header.
    static final String HEADER = "millstream";

    private static final int FORMAT = 2;
    private static final Duration LONGEST = Duration.ofMillis(Long.MAX_VALUE / 4);

    private Properties() {}

    /// Whether `message` needs the header.
    static boolean has(Message message) {
        return message.id() != null
                || message.type() != null
                || message.contentType() != null
                || message.correlationId() != null
                || message.replyTo() != null
                || message.group() != null
                || message.deduplication() != null
                || message.trace() != null
                || message.time() != null
                || message.timeToLive() != null
                || message.priority() != 0
                || !message.delay().isZero()
                || isTyped(message.headers());
    }

    /// A header that comes from Kafka is bytes; only other types need saying. One with the name of
    /// this header would be taken for it if it stood last.
    private static boolean isTyped(List<Header> headers) {
        for (Header header : headers) {
            if (!header.type().equals(Header.BYTES) || header.name().equals(HEADER)) {
                return true;
            }
        }
        return false;
    }

    /// Appends the header's value.
    static void write(Message message, Output out) {
        out.byteValue(FORMAT);
        out.optionalText(message.id());
        out.optionalText(message.type());
        out.optionalText(message.contentType());
        out.optionalText(message.correlationId());
        out.optionalText(message.replyTo());
        out.optionalText(message.group());
        out.optionalText(message.trace());
        out.varint(message.priority());
        out.varint(millis(message.delay()));
        Duration timeToLive = message.timeToLive();
        out.varint(timeToLive == null ? 0 : millis(timeToLive) + 1);
        out.bool(message.time() != null);
        boolean typed = isTyped(message.headers());
        out.bool(typed);
        if (typed) {
            message.headers().forEach(header -> out.text(header.type()));
        }
        out.optionalText(message.deduplication());
    }

    /// Adds what `in` says to a message, and its headers.
    ///
    /// @param headers as the record has them
    /// @param timestamp the record's
    static void read(Input in, Message.Builder message, List<Header> headers, Instant timestamp) {
        int format = in.byteValue();
        if (format < 1 || format > FORMAT) {
            throw new MalformedException("Properties have format " + format + ", not " + FORMAT);
        }
        message.id(in.optionalText())
                .type(in.optionalText())
                .contentType(in.optionalText())
                .correlationId(in.optionalText())
                .replyTo(in.optionalText())
                .group(in.optionalText())
                .trace(in.optionalText())
                .priority(in.intValue())
                .delay(Duration.ofMillis(in.varint()))
                .timeToLive(optionalMillis(in.varint()))
                .time(in.bool() ? timestamp : null);
        boolean typed = in.bool();
        for (Header header : headers) {
            message.header(typed ? new Header(header.name(), in.text(), header.value()) : header);
        }
        message.deduplication(format == 1 ? null : in.optionalText());
    }

    /// What stands for ever is longer than a long can tell.
    private static long millis(Duration time) {
        return time.compareTo(LONGEST) > 0 ? LONGEST.toMillis() : time.toMillis();
    }

    private static @Nullable Duration optionalMillis(long millisPlusOne) {
        return millisPlusOne == 0 ? null : Duration.ofMillis(millisPlusOne - 1);
    }
}
