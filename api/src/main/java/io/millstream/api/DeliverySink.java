package io.millstream.api;

import java.util.List;

/// Where pushed deliveries arrive, on a thread of the backend: it must not block.
public interface DeliverySink {

    /// These are leased to the subscriber.
    void deliver(List<Lease> leases);

    /// Nothing more will come: the queue is gone or the subscription was refused.
    void ended(Refusal why);
}
