package io.millstream.bench.engine;

import java.util.concurrent.locks.LockSupport;

/// When things of an open load are due.
public final class Pace {
    /// Everything of one tick is due together. A generator that slept between any two of sixty
    /// thousand a second would use more of a processor than what it measures.
    private static final long TICK_NANOS = 250_000L;

    private Pace() {}

    /// When number `count` is due, of those that come at even distances of `gapNanos` from `began`
    /// on.
    public static long due(long began, long count, double gapNanos) {
        long after = (long) (count * gapNanos);
        return began + after - after % TICK_NANOS;
    }

    /// Waits until `due`.
    public static void await(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
