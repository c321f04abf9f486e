package io.millstream.engine.state;

import io.millstream.api.Definition;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/// The messages of a queue in the order in which they make room for others: those that are ready,
/// as they would be handed out, then those that wait for their group or a dead-letter target, and
/// last those that wait for their time.
final class DropOrder {
    private final @Nullable QueueState queue;
    private final @Nullable ReadyOrder ready;
    private final TimeOrder.@Nullable Walk delayed;
    private final TimeOrder.@Nullable Walk waiting;
    private final long ageing;
    private final long now;
    private final PriorityQueue<Tentative.Own> own =
            new PriorityQueue<>(
                    Comparator.comparingInt(Tentative.Own::priority)
                            .thenComparingLong(Tentative.Own::sequence));
    private final PriorityQueue<Tentative.Own> ownDelayed =
            new PriorityQueue<>(
                    Comparator.comparingLong(Tentative.Own::delayMillis)
                            .thenComparingLong(Tentative.Own::sequence));
    private long nextReady;

    /// The last one that [#heldAfter] gave, or -1 at the end.
    private long held;

    /// @param queue as it is, or null if nothing counts that was there before
    DropOrder(@Nullable QueueState queue, Definition.Queue definition, long now) {
        this.queue = queue;
        this.now = now;
        Duration step = definition.ageing();
        this.ageing = step == null ? 0 : step.toMillis();
        this.ready = queue == null ? null : new ReadyOrder(queue, Integer.MAX_VALUE);
        this.delayed = queue == null ? null : queue.lanes().delayed().walk();
        this.waiting = queue == null ? null : queue.lanes().waiting().walk();
        this.nextReady = ready == null ? -1 : ready.next();
    }

    /// The same commit has put a message.
    void add(Tentative.Own message) {
        (message.delayMillis() == 0 ? own : ownDelayed).add(message);
    }

    /// The next one, or -1. One may come twice.
    long next() {
        Tentative.Own put = own.peek();
        if (put != null && (nextReady < 0 || isBefore(put, nextReady))) {
            own.remove();
            return put.sequence();
        }
        long next = nextReady;
        if (ready != null && next >= 0) {
            nextReady = ready.next();
            return next;
        }
        held = queue == null || held < 0 ? -1 : heldAfter(queue, held);
        if (held >= 0) {
            return held;
        }
        return nextDelayed();
    }

    /// What was put by the same commit became ready last.
    private boolean isBefore(Tentative.Own put, long other) {
        if (queue == null) {
            return true;
        }
        int priority = queue.locate(other).mark().priority();
        return ageing == 0
                ? put.priority() < priority
                : now + put.priority() * ageing
                        < Turn.time(Standing.turn(queue, other)) + priority * ageing;
    }

    private long nextDelayed() {
        TimeOrder.Walk soonest = Lanes.soonest(delayed, waiting);
        Tentative.Own put = ownDelayed.peek();
        if (put != null && (soonest == null || now + put.delayMillis() < soonest.time())) {
            ownDelayed.remove();
            return put.sequence();
        }
        if (soonest == null) {
            return -1;
        }
        long next = soonest.sequence();
        soonest.advance();
        return next;
    }

    private static long heldAfter(QueueState queue, long sequence) {
        long next = queue.next(sequence);
        while (next >= 0 && (isLeased(queue, next) || Standing.dueOf(queue, next) != 0)) {
            next = queue.next(next);
        }
        return next;
    }

    private static boolean isLeased(QueueState queue, long sequence) {
        Delivery delivery = queue.delivery(sequence);
        return delivery != null && delivery.isLeased();
    }
}
