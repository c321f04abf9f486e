package io.millstream;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.TopicRecord;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Objects;

/// How an event is a message: the binary mode of the CloudEvents binding for Kafka (version 1.0,
/// section 3.2), so that its readers understand it.
///
/// | attribute | stands in |
/// |---|---|
/// | `specversion`, `id`, `source`, `type`, `subject`, `time` | a header `ce_…` each |
/// | `datacontenttype` | the header `content-type` |
/// | `data` | the record's value |
///
/// The key is the record's and no attribute: section 3.1 forbids to make one of it. Id, type, time
/// and content type are the message's own as well, for readers that know no CloudEvents.
final class CloudEvents {
    private static final String VERSION = "1.0";
    private static final String PREFIX = "ce_";
    private static final String CONTENT_TYPE = "content-type";

    private CloudEvents() {}

    static <T> Message message(Event<T> event, Codec<T> codec, String topic) {
        String source = event.source().isEmpty() ? topic : event.source();
        String type = event.type().isEmpty() ? codec.typeOf(event.data()) : event.type();
        Instant time = event.time();
        String key = event.key();
        Message.Builder message =
                Message.builder(codec.encode(event.data()))
                        .key(key == null ? null : Bytes.utf8(key))
                        .id(event.id())
                        .type(type)
                        .time(time)
                        .contentType(codec.contentType())
                        .header(PREFIX + "specversion", VERSION)
                        .header(PREFIX + "id", event.id())
                        .header(PREFIX + "source", source)
                        .header(PREFIX + "type", type)
                        .header(CONTENT_TYPE, codec.contentType());
        if (event.subject() != null) {
            message.header(PREFIX + "subject", event.subject());
        }
        if (time != null) {
            message.header(PREFIX + "time", time.toString());
        }
        return message.build();
    }

    /// The event in a record. What was stored without these headers is an event, too: its id is
    /// where it lies, its source the topic.
    static <T> StoredEvent<T> event(TopicRecord record, Codec<T> codec, String topic) {
        Message message = record.message();
        String type = Objects.requireNonNullElse(text(message, "type", message.type()), "");
        String place = record.partition() + ":" + record.offset();
        Bytes key = message.key();
        Event<T> event =
                new Event<>(
                        Objects.requireNonNullElse(text(message, "id", message.id()), place),
                        Objects.requireNonNullElse(text(message, "source", null), topic),
                        type,
                        text(message, "subject", null),
                        time(message),
                        key == null ? null : key.utf8(),
                        codec.decode(message.body(), type));
        return new StoredEvent<>(event, record.partition(), record.offset(), record.stored());
    }

    private static @Nullable String text(
            Message message, String attribute, @Nullable String otherwise) {
        return message.header(PREFIX + attribute)
                .map(Header::text)
                .filter(value -> !value.isEmpty())
                .orElse(otherwise);
    }

    private static @Nullable Instant time(Message message) {
        String text = text(message, "time", null);
        try {
            return text == null ? message.time() : Instant.parse(text);
        } catch (DateTimeParseException notATime) {
            return message.time();
        }
    }
}
