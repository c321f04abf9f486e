package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// What stands for the text of a key, whatever its length: the first half of its SHA-256, of which
/// two different texts never have the same.
///
/// @param high the first eight bytes
/// @param low the next eight bytes
record KeyHash(long high, long low) {

    /// Of one text.
    static KeyHash of(String text) {
        return digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /// This one and another one, in this order.
    KeyHash with(KeyHash other) {
        return digest(
                ByteBuffer.allocate(4 * Long.BYTES)
                        .putLong(high)
                        .putLong(low)
                        .putLong(other.high)
                        .putLong(other.low)
                        .array());
    }

    private static KeyHash digest(byte[] bytes) {
        try {
            ByteBuffer digest = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
            return new KeyHash(digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("Every Java has SHA-256", missing);
        }
    }

    void write(Output out) {
        out.fixedInt((int) (high >>> Integer.SIZE));
        out.fixedInt((int) high);
        out.fixedInt((int) (low >>> Integer.SIZE));
        out.fixedInt((int) low);
    }

    static KeyHash read(Input in) {
        return new KeyHash(fixedLong(in), fixedLong(in));
    }

    private static long fixedLong(Input in) {
        return ((long) in.fixedInt() << Integer.SIZE) | (in.fixedInt() & 0xFFFF_FFFFL);
    }
}
