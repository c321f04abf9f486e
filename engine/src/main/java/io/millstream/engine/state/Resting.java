package io.millstream.engine.state;

import io.millstream.api.Via;
import io.millstream.engine.state.Delivery.Status;

/// What a message does that was handed out and is not leased any more.
final class Resting {
    private Resting() {}

    /// It waits for a dead-letter target, for that reason.
    static void strand(Delivery delivery, Via.Cause cause, String reason) {
        delivery.queue.outstanding.strand(delivery, cause, reason);
        rest(delivery, Status.STRANDED, 0);
    }

    static void makeReady(Delivery delivery) {
        rest(delivery, Status.READY, 0);
        delivery.queue.lanes().ready(delivery);
    }

    /// It waits until `due`.
    static void makeWait(Delivery delivery, long due) {
        rest(delivery, Status.WAITING, due);
        delivery.queue.lanes().waits(delivery);
    }

    /// A wait is over: the message stands behind everything that is ready by now.
    static void endWait(Delivery delivery) {
        delivery.queue.images().changing(delivery.sequence);
        delivery.queue.lanes().waitsNoMore(delivery);
        delivery.waitedUntil = delivery.deadline;
        makeReady(delivery);
    }

    private static void rest(Delivery delivery, Status status, long due) {
        delivery.status = status;
        delivery.deadline = due;
        delivery.queue.ages().add(delivery.stored, delivery.sequence);
    }
}
