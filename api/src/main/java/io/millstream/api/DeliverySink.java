package io.millstream.api;

import java.util.List;

/// Where pushed deliveries arrive, on a thread of the backend: it must not block.
public interface DeliverySink {

    /// These are leased to the subscriber.
    void deliver(List<Lease> leases);

    /// Whether it is this subscription that gets the messages of a queue with
    /// [Definition.Queue#singleActive]: told when it begins and whenever that changes. Other queues
    /// tell nothing. It and deliveries may overtake each other, and what was delivered before stays
    /// leased to the subscriber.
    default void active(boolean active) {}

    /// Nothing more will come: the queue is gone or the subscription was refused.
    void ended(Refusal why);
}
