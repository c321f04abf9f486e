package io.millstream.engine.state;

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
    byte[] array() {
        return bytes;
    }

    void byteValue(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
    }

    void bool(boolean value) {
        byteValue(value ? 1 : 0);
    }

    void fixedInt(int value) {
        ensure(4);
        ByteBuffer.wrap(bytes).putInt(length, value);
        length += 4;
    }

    void patchInt(int at, int value) {
        ByteBuffer.wrap(bytes).putInt(at, value);
    }

    void varint(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    void raw(byte[] value) {
        raw(value, value.length);
    }

    /// The first `count` bytes of `value`.
    void raw(byte[] value, int count) {
        ensure(count);
        System.arraycopy(value, 0, bytes, length, count);
        length += count;
    }

    void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length);
        raw(utf8);
    }

    void optionalText(@Nullable String value) {
        if (value == null) {
            varint(0);
            return;
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length + 1L);
        raw(utf8);
    }

    void bytes(Bytes value) {
        varint(value.length());
        append(value);
    }

    void optionalBytes(@Nullable Bytes value) {
        if (value == null) {
            varint(0);
            return;
        }
        varint(value.length() + 1L);
        append(value);
    }

    /// Sorted by key, so that equal maps have equal bytes.
    void texts(Map<String, String> map) {
        varint(map.size());
        new TreeMap<>(map)
                .forEach((key, value) -> {
                    text(key);
                    text(value);
                });
    }

    private void append(Bytes value) {
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
