package io.millstream.protocols.aws.sqs;

import java.util.UUID;
import java.util.random.RandomGenerator;

/// What actions use, one set for each event loop.
///
/// @param store the backend
/// @param declared what queues are declared to be
/// @param sentIds which ids the messages of FIFO queues have
/// @param handles reads and writes receipt handles
/// @param tokens reads and writes where pages begin
/// @param digests computes MD5
/// @param random makes message ids
/// @param mover moves messages out of dead-letter queues, for all loops
/// @param traffic counts what passes, on all loops together
record Tools(
        Store store,
        Declared declared,
        SentIds sentIds,
        ReceiptHandles handles,
        PageTokens tokens,
        Digests digests,
        RandomGenerator random,
        Mover mover,
        Traffic traffic) {

    /// A random UUID, version 4. Nobody needs to be unable to guess it.
    String freshId() {
        long high = (random.nextLong() & ~0xF000L) | 0x4000L;
        long low = (random.nextLong() & ~(3L << 62)) | (1L << 63);
        return new UUID(high, low).toString();
    }
}
