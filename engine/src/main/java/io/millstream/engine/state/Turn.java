package io.millstream.engine.state;

/// When a message's turn comes among those that are ready: since when it is ready, and at the same
/// time a message whose wait has ended before one that was put. It follows from what is known of
/// the message, so it need not be kept.
final class Turn {
    private Turn() {}

    /// Of a message that was put at `time`, in milliseconds since 1970.
    static long ofPut(long time) {
        return 2 * time + 1;
    }

    /// Of a message whose wait ended at `time`.
    static long ofWait(long time) {
        return 2 * time;
    }

    /// Since when a message with this turn is ready.
    static long time(long turn) {
        return turn >> 1;
    }
}
