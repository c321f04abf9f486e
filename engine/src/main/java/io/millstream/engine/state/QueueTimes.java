package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Comparator;
import java.util.TreeSet;

/// When to look at which queue for one purpose: one time for each queue.
///
/// A time is never too late but may be too early, because what it was set for may be taken or
/// settled first. So nothing has to be done here when that happens; who looks too early looks again
/// later.
final class QueueTimes {
    /// For messages that have become too old.
    static final int EXPIRY = 0;

    /// For messages that were never handed out and are due.
    static final int DUE = 1;

    /// For messages that have lain undelivered for too long.
    static final int LIFE = 2;

    private static final int PURPOSES = 3;

    private final int purpose;
    private final TreeSet<QueueState> byTime;

    QueueTimes(int purpose) {
        this.purpose = purpose;
        this.byTime =
                new TreeSet<>(
                        Comparator.comparingLong((QueueState queue) -> queue.lookAt[purpose])
                                .thenComparingLong(QueueState::channel));
    }

    /// The times of a queue that is never looked at.
    static long[] never() {
        long[] never = new long[PURPOSES];
        Arrays.fill(never, Long.MAX_VALUE);
        return never;
    }

    /// Something in `queue` happens at `time`.
    void notAfter(QueueState queue, long time) {
        if (time < queue.lookAt[purpose]) {
            set(queue, time);
        }
    }

    /// Nothing in `queue` happens before `time`, which is [Long#MAX_VALUE] for never.
    void set(QueueState queue, long time) {
        if (time == queue.lookAt[purpose]) {
            return;
        }
        byTime.remove(queue);
        queue.lookAt[purpose] = time;
        if (time < Long.MAX_VALUE) {
            byTime.add(queue);
        }
    }

    /// A queue to look at now, or null.
    @Nullable QueueState firstDue(long now) {
        return next() <= now ? byTime.first() : null;
    }

    /// The next time, or [Long#MAX_VALUE].
    long next() {
        return byTime.isEmpty() ? Long.MAX_VALUE : byTime.first().lookAt[purpose];
    }
}
