package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.TreeSet;

/// When to look at which queue for messages that have become too old: one time for each queue.
///
/// A time is never too late but may be too early, because what it was set for may be taken or
/// settled first. So nothing has to be done here when that happens; who looks too early looks again
/// later.
final class Expiries {
    private final TreeSet<QueueState> byTime =
            new TreeSet<>(
                    Comparator.comparingLong((QueueState queue) -> queue.lookAt)
                            .thenComparingLong(QueueState::channel));

    /// Something in `queue` becomes too old at `time`.
    void notAfter(QueueState queue, long time) {
        if (time < queue.lookAt) {
            set(queue, time);
        }
    }

    /// Nothing in `queue` becomes too old before `time`, which is [Long#MAX_VALUE] for never.
    void set(QueueState queue, long time) {
        byTime.remove(queue);
        queue.lookAt = time;
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
        return byTime.isEmpty() ? Long.MAX_VALUE : byTime.first().lookAt;
    }
}
