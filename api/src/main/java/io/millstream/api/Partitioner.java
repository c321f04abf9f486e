package io.millstream.api;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Which partition a key goes to: as Kafka's clients choose (32-bit Murmur2 with their seed), so
/// that a key's events meet in one partition whoever publishes them.
public final class Partitioner {
    private static final int SEED = 0x9747b28c;
    private static final int MIX = 0x5bd1e995;
    private static final int SHIFT = 24;

    private Partitioner() {}

    /// The partition of a key among so many.
    public static int partitionOf(Bytes key, int partitions) {
        return (murmur2(key.asBuffer().order(ByteOrder.LITTLE_ENDIAN)) & Integer.MAX_VALUE)
                % partitions;
    }

    private static int murmur2(ByteBuffer bytes) {
        int hash = SEED ^ bytes.remaining();
        while (bytes.remaining() >= Integer.BYTES) {
            int four = bytes.getInt() * MIX;
            four ^= four >>> SHIFT;
            hash = hash * MIX ^ four * MIX;
        }
        if (bytes.hasRemaining()) {
            for (int shift = 0; bytes.hasRemaining(); shift += Byte.SIZE) {
                hash ^= (bytes.get() & 0xFF) << shift;
            }
            hash *= MIX;
        }
        hash ^= hash >>> 13;
        hash *= MIX;
        return hash ^ hash >>> 15;
    }
}
