package io.millstream.engine.bytes;

import io.millstream.api.Bytes;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/// Reads what [Output] wrote. Bytes that no [Output] wrote end in a [MalformedException].
public final class Input {
    private final ByteBuffer buffer;

    /// Reads what remains in `buffer`, moving its position.
    public Input(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    /// Whether nothing remains.
    public boolean atEnd() {
        return !buffer.hasRemaining();
    }

    /// One byte, 0 to 255.
    public int byteValue() {
        need(1);
        return buffer.get() & 0xFF;
    }

    /// One byte that is zero or not.
    public boolean bool() {
        return byteValue() != 0;
    }

    /// Four bytes, big-endian.
    public int fixedInt() {
        need(4);
        return buffer.getInt();
    }

    /// An integer.
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            need(1);
            byte next = buffer.get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedException("An integer has more than ten bytes");
    }

    /// An integer written by [Output#zigzag].
    public long zigzag() {
        long value = varint();
        return (value >>> 1) ^ -(value & 1);
    }

    /// A length, which cannot be more than what remains.
    public int size() {
        long value = varint();
        if (value < 0 || value > buffer.remaining()) {
            throw new MalformedException(
                    "A length of " + value + " with " + buffer.remaining() + " bytes left");
        }
        return (int) value;
    }

    /// An integer that fits.
    public int intValue() {
        return fitting(varint());
    }

    /// An integer written by [Output#zigzag] that fits.
    public int zigzagInt() {
        return fitting(zigzag());
    }

    private static int fitting(long value) {
        if (value != (int) value) {
            throw new MalformedException("An integer does not fit: " + value);
        }
        return (int) value;
    }

    /// All that remains.
    public byte[] rest() {
        return raw(buffer.remaining());
    }

    /// A text.
    public String text() {
        return Bytes.of(raw(size())).utf8();
    }

    /// A text or null.
    public @Nullable String optionalText() {
        Bytes value = optionalBytes();
        return value == null ? null : value.utf8();
    }

    /// Bytes.
    public Bytes bytes() {
        return Bytes.of(raw(size()));
    }

    /// Bytes or null.
    public @Nullable Bytes optionalBytes() {
        long length = varint();
        if (length == 0) {
            return null;
        }
        if (length < 0 || length - 1 > buffer.remaining()) {
            throw new MalformedException(
                    "A length of " + (length - 1) + " with " + buffer.remaining() + " bytes left");
        }
        return Bytes.of(raw((int) (length - 1)));
    }

    /// A map of texts.
    public Map<String, String> texts() {
        int size = size();
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < size; i++) {
            map.put(text(), text());
        }
        return map;
    }

    /// So many bytes, which must be there.
    public Bytes bytes(int length) {
        need(length);
        return Bytes.of(raw(length));
    }

    /// So many bytes as they are, which must be there.
    public byte[] array(int length) {
        need(length);
        return raw(length);
    }

    /// The next bytes by themselves; they count as read.
    public Input part(int length) {
        need(length);
        Input part = new Input(buffer.slice(buffer.position(), length));
        buffer.position(buffer.position() + length);
        return part;
    }

    private byte[] raw(int length) {
        byte[] value = new byte[length];
        buffer.get(value);
        return value;
    }

    private void need(int bytes) {
        if (bytes < 0 || buffer.remaining() < bytes) {
            throw new MalformedException("The bytes end in the middle of a value");
        }
    }
}
