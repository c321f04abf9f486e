package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

/// The messages of a queue in the order in which they make room for others: those that are ready,
/// as they would be handed out, then those that wait for their group or a dead-letter target, then
/// those that wait for their time, and last what the same commit has put.
final class DropOrder {
    private final @Nullable QueueState queue;
    private final @Nullable ReadyOrder ready;
    private final TimeOrder.@Nullable Walk delayed;
    private final TimeOrder.@Nullable Walk waiting;
    private boolean readyDone;
    private long held;
    private long own;

    /// @param queue as it is, or null if nothing counts that was there before
    /// @param firstOwn the first sequence that counts then
    DropOrder(@Nullable QueueState queue, long firstOwn) {
        this.queue = queue;
        this.ready = queue == null ? null : queue.readyOrder(Integer.MAX_VALUE);
        this.delayed = queue == null ? null : queue.lanes().delayed().walk();
        this.waiting = queue == null ? null : queue.lanes().waiting().walk();
        this.own = queue == null ? firstOwn : queue.end();
        this.held = 0;
    }

    /// The next one, or -1. One may come twice.
    ///
    /// @param end where the queue ends by now
    long next(long end) {
        if (ready != null && !readyDone) {
            long next = ready.next();
            if (next >= 0) {
                return next;
            }
            readyDone = true;
        }
        long next = nextHeld();
        if (next >= 0) {
            return next;
        }
        TimeOrder.Walk soonest = Lanes.soonest(delayed, waiting);
        if (soonest != null) {
            next = soonest.sequence();
            soonest.advance();
            return next;
        }
        return own < end ? own++ : -1;
    }

    private long nextHeld() {
        if (queue == null || held < 0) {
            return -1;
        }
        do {
            held = queue.next(held);
        } while (held >= 0 && (isLeased(queue, held) || queue.dueOf(held) != 0));
        return held;
    }

    private static boolean isLeased(QueueState queue, long sequence) {
        Delivery delivery = queue.delivery(sequence);
        return delivery != null && delivery.isLeased();
    }
}
