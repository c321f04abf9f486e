package io.millstream.engine.state;

import io.millstream.api.Bytes;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/// Reads what [Output] wrote. Bytes that no [Output] wrote end in a [MalformedException].
final class Input {
    private final ByteBuffer buffer;

    Input(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    boolean atEnd() {
        return !buffer.hasRemaining();
    }

    int byteValue() {
        need(1);
        return buffer.get() & 0xFF;
    }

    boolean bool() {
        return byteValue() != 0;
    }

    int fixedInt() {
        need(4);
        return buffer.getInt();
    }

    long varint() {
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

    int size() {
        long value = varint();
        if (value < 0 || value > buffer.remaining()) {
            throw new MalformedException(
                    "A length of " + value + " with " + buffer.remaining() + " bytes left");
        }
        return (int) value;
    }

    int intValue() {
        return Math.toIntExact(varint());
    }

    byte[] rest() {
        return raw(buffer.remaining());
    }

    String text() {
        return Bytes.of(raw(size())).utf8();
    }

    @Nullable String optionalText() {
        Bytes value = optionalBytes();
        return value == null ? null : value.utf8();
    }

    Bytes bytes() {
        return Bytes.of(raw(size()));
    }

    @Nullable Bytes optionalBytes() {
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

    Map<String, String> texts() {
        int size = size();
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < size; i++) {
            map.put(text(), text());
        }
        return map;
    }

    byte[] raw(int length) {
        byte[] value = new byte[length];
        buffer.get(value);
        return value;
    }

    private void need(int bytes) {
        if (buffer.remaining() < bytes) {
            throw new MalformedException("The bytes end in the middle of a value");
        }
    }
}
