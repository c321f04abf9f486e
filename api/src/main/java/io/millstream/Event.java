package io.millstream;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.UUID;

/// Something that has happened, with the attributes of a CloudEvent (version 1.0).
///
/// `Event.of(data)` is a whole event; `with…` methods change one attribute.
///
/// @param <T> what it carries
/// @param id names it: the same event published twice has the same id and source
/// @param source who publishes it, a URI reference; empty for the topic's name
/// @param type the wire name of what it is; empty for the codec's
/// @param subject what it is about, within its source, or null
/// @param time when it happened, or null if nobody said
/// @param key events of one key keep their order, or null
/// @param data what it carries
public record Event<T>(
        String id,
        String source,
        String type,
        @Nullable String subject,
        @Nullable Instant time,
        @Nullable String key,
        T data) {

    /// Refuses what no CloudEvent may have: an empty id, an empty subject.
    public Event {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("An event's id has a character or more");
        }
        if (subject != null && subject.isEmpty()) {
            throw new IllegalArgumentException(
                    "An event's subject has a character or more, or is null");
        }
    }

    /// An event that happens now, with a random id.
    public static <T> Event<T> of(T data) {
        return new Event<>(UUID.randomUUID().toString(), "", "", null, Instant.now(), null, data);
    }

    /// The same with this id.
    public Event<T> withId(String id) {
        return new Event<>(id, source, type, subject, time, key, data);
    }

    /// The same from this source.
    public Event<T> withSource(String source) {
        return new Event<>(id, source, type, subject, time, key, data);
    }

    /// The same with this type.
    public Event<T> withType(String type) {
        return new Event<>(id, source, type, subject, time, key, data);
    }

    /// The same about this subject.
    public Event<T> withSubject(@Nullable String subject) {
        return new Event<>(id, source, type, subject, time, key, data);
    }

    /// The same at this time.
    public Event<T> withTime(@Nullable Instant time) {
        return new Event<>(id, source, type, subject, time, key, data);
    }

    /// The same with this key.
    public Event<T> withKey(@Nullable String key) {
        return new Event<>(id, source, type, subject, time, key, data);
    }
}
