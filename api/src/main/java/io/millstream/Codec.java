package io.millstream;

import io.millstream.api.Bytes;

/// Turns values into bytes and back. Used from several threads at once.
///
/// @param <T> the values
public interface Codec<T> {

    /// The media type of the bytes, such as `application/json`.
    String contentType();

    /// The wire name of what `value` is, under which readers know it: the simple name of its class,
    /// unless a codec says otherwise. Renaming a class should not change what is stored.
    default String typeOf(T value) {
        return value.getClass().getSimpleName();
    }

    /// The bytes of a value.
    Bytes encode(T value);

    /// The value whose bytes are `body`.
    ///
    /// @param type the wire name that it was stored under; empty if whoever stored it gave none
    /// @throws RuntimeException if it is none; the event counts as failed
    T decode(Bytes body, String type);

    /// Texts in UTF-8.
    static Codec<String> text() {
        return new Codec<>() {
            @Override
            public String contentType() {
                return "text/plain; charset=utf-8";
            }

            @Override
            public String typeOf(String value) {
                return "text";
            }

            @Override
            public Bytes encode(String value) {
                return Bytes.utf8(value);
            }

            @Override
            public String decode(Bytes body, String type) {
                return body.utf8();
            }
        };
    }
}
