package io.millstream.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/// An immutable run of bytes: a message body, a key, a header's value.
///
/// Equal when the content is equal. Reading never copies more than it hands out.
public final class Bytes implements Comparable<Bytes> {

    /// No bytes at all.
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private static final int SHOWN_BYTES_MAX = 16;

    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    /// Takes over `content` without copying it: the caller must not change the array afterwards.
    public static Bytes of(byte[] content) {
        return content.length == 0 ? EMPTY : new Bytes(content);
    }

    /// The UTF-8 encoding of `text`.
    public static Bytes utf8(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Copies what remains in `buffer`, whose position is left where it was.
    public static Bytes copyOf(ByteBuffer buffer) {
        byte[] content = new byte[buffer.remaining()];
        buffer.get(buffer.position(), content);
        return of(content);
    }

    /// The length in bytes.
    public int length() {
        return content.length;
    }

    /// The content read as UTF-8; malformed input becomes U+FFFD.
    public String utf8() {
        return new String(content, StandardCharsets.UTF_8);
    }

    /// The first `length` bytes, or all of them if there are fewer.
    public Bytes first(int length) {
        return length >= content.length ? this : of(Arrays.copyOf(content, length));
    }

    /// A copy of the content, the caller's to change.
    public byte[] toArray() {
        return content.clone();
    }

    /// A read-only view of the content.
    public ByteBuffer asBuffer() {
        return ByteBuffer.wrap(content).asReadOnlyBuffer();
    }

    /// Appends the content to `target`, which must have [#length()] bytes remaining.
    public void writeTo(ByteBuffer target) {
        target.put(content);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(content, that.content);
    }

    /// By the first byte that differs, unsigned; what the other begins with comes before it.
    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(content, other.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    /// The length and the first bytes in hexadecimal; never all of it, which may be large or
    /// private.
    @Override
    public String toString() {
        int shown = Math.min(content.length, SHOWN_BYTES_MAX);
        String hex = HexFormat.of().formatHex(content, 0, shown);
        return "Bytes[" + content.length + ": " + hex + (shown < content.length ? "…]" : "]");
    }
}
