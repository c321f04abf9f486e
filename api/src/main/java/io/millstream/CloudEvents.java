package io.millstream;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.TopicRecord;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// How an event is a message: the binary mode of the CloudEvents binding for Kafka (version 1.0,
/// section 3.2), so that its readers understand it.
///
/// | attribute | stands in |
/// |---|---|
/// | `specversion`, `id`, `source`, `type` | a header `ce_…` each |
/// | `subject`, `time`, `dataschema`, each extension | a header `ce_…` if it has a value |
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
        String contentType =
                event.contentType().isEmpty() ? codec.contentType() : event.contentType();
        String key = event.key();
        Message.Builder message =
                Message.builder(codec.encode(event.data()))
                        .key(key == null ? null : Bytes.utf8(key))
                        .id(event.id())
                        .type(type)
                        .time(time)
                        .contentType(contentType)
                        .header(PREFIX + "specversion", VERSION)
                        .header(PREFIX + "id", event.id())
                        .header(PREFIX + "source", source)
                        .header(PREFIX + "type", type)
                        .header(CONTENT_TYPE, contentType);
        if (event.subject() != null) {
            message.header(PREFIX + "subject", event.subject());
        }
        if (time != null) {
            message.header(PREFIX + "time", time.toString());
        }
        if (event.dataSchema() != null) {
            message.header(PREFIX + "dataschema", event.dataSchema());
        }
        new TreeMap<>(event.extensions())
                .forEach((name, value) -> message.header(PREFIX + name, value));
        return message.build();
    }

    /// The event in a record. What was stored without these headers is an event, too: its id is
    /// where it lies, its source the topic. What no event may have is passed over, so that nobody
    /// can store what nobody can read.
    static <T> StoredEvent<T> event(TopicRecord record, Codec<T> codec, String topic) {
        Message message = record.message();
        String type = text(message, "type", message.type(), "");
        String place = record.partition() + ":" + record.offset();
        Bytes key = message.key();
        Event<T> event =
                new Event<>(
                        text(message, "id", message.id(), place),
                        text(message, "source", null, topic),
                        type,
                        text(message, PREFIX + "subject"),
                        time(message),
                        contentType(message),
                        text(message, PREFIX + "dataschema"),
                        extensions(message),
                        key == null ? null : key.utf8(),
                        codec.decode(message.body(), type));
        return new StoredEvent<>(event, record.partition(), record.offset(), record.stored());
    }

    /// The attribute, or else what the message says itself, or else `otherwise`.
    private static String text(
            Message message, String attribute, @Nullable String own, String otherwise) {
        String text = text(message, PREFIX + attribute);
        if (text != null) {
            return text;
        }
        return own == null || own.isEmpty() ? otherwise : own;
    }

    private static @Nullable String text(Message message, String header) {
        String text = message.header(header).map(Header::text).orElse("");
        return text.isEmpty() ? null : text;
    }

    private static String contentType(Message message) {
        String header = text(message, CONTENT_TYPE);
        return header == null ? Objects.requireNonNullElse(message.contentType(), "") : header;
    }

    private static Map<String, String> extensions(Message message) {
        Map<String, String> extensions = new HashMap<>();
        for (Header header : message.headers()) {
            if (header.name().startsWith(PREFIX)) {
                String name = header.name().substring(PREFIX.length());
                if (Event.isExtension(name)) {
                    extensions.putIfAbsent(name, header.text());
                }
            }
        }
        return extensions;
    }

    private static @Nullable Instant time(Message message) {
        String text = text(message, PREFIX + "time");
        try {
            return text == null ? message.time() : Instant.parse(text);
        } catch (DateTimeParseException notATime) {
            return message.time();
        }
    }
}
