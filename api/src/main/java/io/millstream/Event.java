package io.millstream;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

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
/// @param contentType the media type of the data's bytes (`datacontenttype`); empty for the
///   codec's, or, as it is read, if whoever stored it gave none
/// @param dataSchema a URI of the schema that the data follows, or null
/// @param extensions other attributes, by names of lower-case letters and digits, as text
/// @param key events of one key keep their order, or null
/// @param data what it carries
public record Event<T>(
        String id,
        String source,
        String type,
        @Nullable String subject,
        @Nullable Instant time,
        String contentType,
        @Nullable String dataSchema,
        Map<String, String> extensions,
        @Nullable String key,
        T data) {
    private static final Pattern EXTENSION = Pattern.compile("[a-z0-9]+");

    /// What is or would be mistaken for an attribute of the specification's own.
    private static final Set<String> NOT_EXTENSIONS =
            Set.of(
                    "specversion",
                    "id",
                    "source",
                    "type",
                    "subject",
                    "time",
                    "datacontenttype",
                    "dataschema",
                    "data");

    /// Copies the extensions, and refuses what no CloudEvent may have: an empty id, subject or
    /// schema, an extension by another name than they have.
    public Event {
        extensions = Map.copyOf(extensions);
        if (id.isEmpty()) {
            throw new IllegalArgumentException("An event's id has a character or more");
        }
        if (subject != null && subject.isEmpty()) {
            throw new IllegalArgumentException(
                    "An event's subject has a character or more, or is null");
        }
        if (dataSchema != null && dataSchema.isEmpty()) {
            throw new IllegalArgumentException(
                    "An event's schema has a character or more, or is null");
        }
        for (String name : extensions.keySet()) {
            if (!isExtension(name)) {
                throw new IllegalArgumentException(
                        "An event's extension has a name of lower-case letters and digits that is"
                                + " no other attribute's, not "
                                + name);
            }
        }
    }

    static boolean isExtension(String name) {
        return EXTENSION.matcher(name).matches() && !NOT_EXTENSIONS.contains(name);
    }

    /// An event that happens now, with a random id.
    public static <T> Event<T> of(T data) {
        String id = UUID.randomUUID().toString();
        return new Event<>(id, "", "", null, Instant.now(), "", null, Map.of(), null, data);
    }

    /// The same with this id.
    public Event<T> withId(String id) {
        return new Event<>(
                id, source, type, subject, time, contentType, dataSchema, extensions, key, data);
    }

    /// The same from this source.
    public Event<T> withSource(String source) {
        return new Event<>(
                id, source, type, subject, time, contentType, dataSchema, extensions, key, data);
    }

    /// The same with this type.
    public Event<T> withType(String type) {
        return new Event<>(
                id, source, type, subject, time, contentType, dataSchema, extensions, key, data);
    }

    /// The same about this subject.
    public Event<T> withSubject(@Nullable String subject) {
        return new Event<>(
                id, source, type, subject, time, contentType, dataSchema, extensions, key, data);
    }

    /// The same at this time.
    public Event<T> withTime(@Nullable Instant time) {
        return new Event<>(
                id, source, type, subject, time, contentType, dataSchema, extensions, key, data);
    }

    /// The same with this media type, which should be that of what the codec makes.
    public Event<T> withContentType(String contentType) {
        return new Event<>(
                id, source, type, subject, time, contentType, dataSchema, extensions, key, data);
    }

    /// The same with data that follows this schema.
    public Event<T> withDataSchema(@Nullable String dataSchema) {
        return new Event<>(
                id, source, type, subject, time, contentType, dataSchema, extensions, key, data);
    }

    /// The same with one more extension attribute, or with another value of it.
    ///
    /// @param name lower-case letters and digits; the specification advises 20 at most
    public Event<T> withExtension(String name, String value) {
        Map<String, String> more = new HashMap<>(extensions);
        more.put(name, value);
        return new Event<>(
                id, source, type, subject, time, contentType, dataSchema, more, key, data);
    }

    /// The same with this key.
    public Event<T> withKey(@Nullable String key) {
        return new Event<>(
                id, source, type, subject, time, contentType, dataSchema, extensions, key, data);
    }
}
