package io.millstream.wire;

import static io.millstream.wire.Kinds.BASE64;
import static io.millstream.wire.Kinds.TEXT;

import io.millstream.api.Bytes;

import org.jspecify.annotations.Nullable;

/// Bytes as one of two members: as a text where they are one, else in base64. Which of them is
/// written is decided by the bytes alone; both are read.
///
/// @param text the member that holds them as a text
/// @param base64 the member that holds them in base64
record Content(String text, String base64) {
    /// The bytes that a message or a row is about.
    static final Content BODY = new Content("text", "base64");

    static final Content KEY = new Content("key", "key_base64");
    static final Content VALUE = new Content("value", "value_base64");

    /// Nothing is written for null.
    Out write(Out out, @Nullable Bytes bytes) {
        if (bytes == null) {
            return out;
        }
        return Utf8.isText(bytes)
                ? out.put(text, TEXT, bytes.utf8())
                : out.put(base64, BASE64, bytes.toArray());
    }

    /// Null if neither member is there.
    @Nullable Bytes read(In in) {
        String asText = in.maybe(text, TEXT);
        byte[] asBytes = in.maybe(base64, BASE64);
        if (asText != null && asBytes != null) {
            throw in.wrong(base64, "is there beside " + text, "Give one of the two");
        }
        if (asText != null) {
            return Bytes.utf8(asText);
        }
        return asBytes == null ? null : Bytes.of(asBytes);
    }

    Bytes required(In in) {
        Bytes bytes = read(in);
        if (bytes == null) {
            throw in.wrong(text, "is missing", "Give a text, or %s with bytes".formatted(base64));
        }
        return bytes;
    }
}
