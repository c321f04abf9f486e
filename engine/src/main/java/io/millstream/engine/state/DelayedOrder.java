package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

/// The messages of a queue that wait for their time, by when they are due; changes nothing, and
/// ends with the next change.
public final class DelayedOrder {
    private final TimeOrder.Walk fresh;
    private final TimeOrder.Walk again;
    private long due;

    /// Those behind one, which need not be there any more.
    ///
    /// @param due when that one was due, in milliseconds since 1970
    public DelayedOrder(QueueState queue, long due, long sequence) {
        this.fresh = queue.lanes().delayed().walkBehind(due, sequence);
        this.again = queue.lanes().waiting().walkBehind(due, sequence);
    }

    /// The next sequence, or -1.
    public long next() {
        TimeOrder.@Nullable Walk soonest = Lanes.soonest(fresh, again);
        if (soonest == null) {
            return -1;
        }
        due = soonest.time();
        long sequence = soonest.sequence();
        soonest.advance();
        return sequence;
    }

    /// When the one that [#next] gave is due.
    public long due() {
        return due;
    }
}
