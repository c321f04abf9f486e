package io.millstream.engine.bytes;

import io.millstream.api.Bytes;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// A growing buffer that entries, messages and snapshots are written to; [Input] reads it back.
///
/// Integers are varints (seven bits a byte, low bits first), texts and bytes carry their length
/// first, an optional value carries its length plus one, or zero.
public final class Output {
    private byte[] bytes;
    private int length;

    /// Starts empty with room for `capacity` bytes.
    public Output(int capacity) {
        bytes = new byte[capacity];
    }

    /// How many bytes were written.
    public int length() {
        return length;
    }

    /// Forgets what was written and keeps the room.
    public void clear() {
        length = 0;
    }

    /// What was written, as a view that the next write may change.
    public ByteBuffer view() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    /// A copy of what was written.
    public byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    /// The array behind the buffer, for checksums; valid until the next write.
    public byte[] array() {
        return bytes;
    }

    /// Appends the low eight bits.
    public void byteValue(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
    }

    /// Appends a byte, one or zero.
    public void bool(boolean value) {
        byteValue(value ? 1 : 0);
    }

    /// Appends four bytes, big-endian.
    public void fixedInt(int value) {
        ensure(4);
        ByteBuffer.wrap(bytes).putInt(length, value);
        length += 4;
    }

    /// Replaces four bytes that were appended.
    public void patchInt(int at, int value) {
        ByteBuffer.wrap(bytes).putInt(at, value);
    }

    /// How many bytes [#varint] appends for a number.
    public static int varintBytes(long value) {
        return (Long.SIZE - 1 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
    }

    /// Appends an integer, small if it is.
    public void varint(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    /// Replaces eight bytes that were appended, big-endian.
    public void patchLong(int at, long value) {
        ByteBuffer.wrap(bytes).putLong(at, value);
    }

    /// Appends an integer that may as well be negative.
    public void zigzag(long value) {
        varint((value << 1) ^ (value >> 63));
    }

    /// Appends the first bytes of an array as they are.
    public void raw(byte[] value, int count) {
        ensure(count);
        System.arraycopy(value, 0, bytes, length, count);
        length += count;
    }

    /// Appends bytes as they are.
    public void raw(byte[] value) {
        raw(value, value.length);
    }

    /// Appends a text after its length in UTF-8.
    public void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length);
        raw(utf8);
    }

    /// Appends a text after its length plus one, or zero.
    public void optionalText(@Nullable String value) {
        if (value == null) {
            varint(0);
            return;
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length + 1L);
        raw(utf8);
    }

    /// Appends bytes after their length.
    public void bytes(Bytes value) {
        varint(value.length());
        append(value);
    }

    /// Appends bytes after their length plus one, or zero.
    public void optionalBytes(@Nullable Bytes value) {
        if (value == null) {
            varint(0);
            return;
        }
        varint(value.length() + 1L);
        append(value);
    }

    /// Sorted by key, so that equal maps have equal bytes.
    public void texts(Map<String, String> map) {
        varint(map.size());
        new TreeMap<>(map)
                .forEach((key, value) -> {
                    text(key);
                    text(value);
                });
    }

    /// Appends bytes as they are.
    public void append(Bytes value) {
        ensure(value.length());
        value.writeTo(ByteBuffer.wrap(bytes, length, value.length()));
        length += value.length();
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
