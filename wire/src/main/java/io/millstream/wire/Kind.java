package io.millstream.wire;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonGenerator;

import java.time.DateTimeException;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// One kind of value: how it is written and read, and what to say about values of other kinds.
///
/// @param right what would be right, in words behind "Give"
/// @param writing writes one
/// @param reading reads one
/// @param <T> what it is in Java
record Kind<T>(String right, Writing<T> writing, Reading<T> reading) {

    /// Writes a value as JSON.
    @FunctionalInterface
    interface Writing<T> {
        void write(JsonGenerator json, T value);
    }

    /// Reads a value out of a [Tree].
    @FunctionalInterface
    interface Reading<T> {
        /// Null if it is of another kind.
        @Nullable T read(Place place, Object raw);
    }

    /// An object, whose members are written and read in the same words.
    static <T> Kind<T> object(
            String right, BiConsumer<Out, T> members, Function<In, ? extends T> value) {
        return new Kind<>(
                right,
                (json, one) -> {
                    json.writeStartObject();
                    members.accept(new Out(json), one);
                    json.writeEndObject();
                },
                (place, raw) -> raw instanceof Map<?, ?> map ? read(place, map, value) : null);
    }

    private static <T> T read(Place place, Map<?, ?> map, Function<In, ? extends T> value) {
        @SuppressWarnings("unchecked") // Tree makes no others.
        In in = new In(place, (Map<String, @Nullable Object>) map);
        T read;
        try {
            read = value.apply(in);
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException refused) {
            throw new MalformedException(
                    place, "makes no sense", "The reason: " + withoutEnd(refused.getMessage()));
        }
        in.end();
        return read;
    }

    /// Records say what is wrong and what would be right, some with a full stop, some without.
    private static String withoutEnd(@Nullable String message) {
        String text = String.valueOf(message);
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }

    void write(JsonGenerator json, T value) {
        writing.write(json, value);
    }

    /// @throws MalformedException if it is of another kind
    T read(Place place, @Nullable Object raw) {
        T value = raw == null ? null : reading.read(place, raw);
        if (value == null) {
            throw new MalformedException(place, "is " + Shown.of(raw), "Give " + right);
        }
        return value;
    }
}
