package io.millstream.server.broker;

/// How much of the heap, and of the buffers beside it, the parts of a server may hold. On a large
/// machine each has its usual bound; on a small one, such as a container of 256 MB, all of them
/// shrink, so that together they fit.
///
/// @param heapBytes how large the heap can become
public record HeapShares(long heapBytes) {
    private static final long MIB = 1 << 20;

    /// Those of this virtual machine.
    public static HeapShares here() {
        return new HeapShares(Runtime.getRuntime().maxMemory());
    }

    /// What is known of unsettled messages, topics and rows.
    public long knownBytesMax() {
        return heapBytes / 2;
    }

    /// Commits that wait to be decided.
    public long queuedBytesMax() {
        return Math.min(64 * MIB, heapBytes / 10);
    }

    /// Bodies of requests that are being read or answered.
    public long bodiesBytesMax() {
        return Math.min(256 * MIB, heapBytes / 10);
    }

    /// Answers that are being made, or that their clients have not taken yet.
    public long answersBytesMax() {
        return Math.min(256 * MIB, heapBytes / 10);
    }

    /// Bodies of requests to the API at the HTTP port, and as much again for its answers.
    public long apiBytesMax() {
        return Math.min(128 * MIB, heapBytes / 20);
    }

    /// How many receives may have a message in hand that nothing is known of yet.
    public int looksMax() {
        return Math.clamp(heapBytes / (32 * MIB), 4, 128);
    }

    /// Buffers of the network, beside the heap.
    public long networkBytesMax() {
        return Math.max(16 * MIB, heapBytes / 6);
    }

    /// The end of the log, which is kept in direct memory; its chunks are of this size.
    public int tailChunkBytes() {
        return (int) Math.clamp(heapBytes / 128, MIB, 4 * MIB);
    }

    /// How much of the end of the log is kept.
    public long tailBytes() {
        return 8L * tailChunkBytes();
    }
}
