package io.millstream.engine.state;

import io.millstream.engine.state.Delivery.Status;
import io.millstream.engine.state.Entry.Opened;
import io.millstream.engine.state.Entry.Taken;

/// What a new life of the engine does to the leases of the one before.
final class Reopening {
    private Reopening() {}

    static void apply(State state, Opened opened) {
        state.epoch = opened.epoch();
        state.senders.reopened(state.now());
        for (QueueState queue : state.byChannel.values()) {
            for (Delivery delivery : queue.deliveries()) {
                if (delivery.status == Status.LEASED && delivery.isSessionBound()) {
                    // Ended by now: the loop returns it, or buries it, like any lease that has
                    // ended.
                    state.extended(delivery, Taken.ENDED);
                } else if (delivery.status == Status.LEASED && !delivery.returnsAtOnce()) {
                    // One that ended at an earlier opening and was not returned yet gets no grace.
                    long grace = state.now() + opened.graceMillis();
                    state.extended(delivery, Math.max(delivery.deadline, grace));
                }
            }
        }
    }
}
