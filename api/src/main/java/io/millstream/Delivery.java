package io.millstream;

import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Outcome;
import io.millstream.api.RefusedException;

import java.time.Duration;

/// One message on its way through one receiver: work on it, then call exactly one of [#done],
/// [#retry] and [#dead].
///
/// Each blocks until it is on disk and throws [RefusedException] if the lease has ended meanwhile:
/// then the message is somebody else's, and what was done for it should be undone or harmless.
public final class Delivery {
    private final WorkQueue queue;
    private final Lease lease;

    Delivery(WorkQueue queue, Lease lease) {
        this.queue = queue;
        this.lease = lease;
    }

    /// The message.
    public Message message() {
        return lease.message();
    }

    /// The body read as UTF-8.
    public String text() {
        return lease.message().text();
    }

    /// How often the message has been delivered, this time included.
    public int deliveries() {
        return lease.deliveries();
    }

    /// Everything about this delivery: handle, attempts, times, where it came from.
    public Lease lease() {
        return lease;
    }

    /// Finished: the message is gone.
    public void done() {
        settle(Outcome.done());
    }

    /// Again, at once and in its old place.
    public void retry() {
        settle(Outcome.retry());
    }

    /// Again when `after` has passed, behind what waits then.
    public void retry(Duration after) {
        settle(Outcome.retry(after));
    }

    /// Given up: to the queue's dead-letter target with `reason`, or dropped if it has none.
    public void dead(String reason) {
        settle(Outcome.dead(reason));
    }

    /// Ends the delivery in any way.
    public void settle(Outcome outcome) {
        queue.settle(lease, outcome);
    }

    /// Keeps the message for `length` from now.
    public void extend(Duration length) {
        queue.extend(lease, length);
    }
}
