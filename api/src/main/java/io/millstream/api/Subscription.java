package io.millstream.api;

/// A running consumer.
public interface Subscription extends AutoCloseable {

    /// Stops further deliveries; leases already delivered stay leased. Leases on their way may
    /// still arrive for a moment. Does not block; doing it again does nothing.
    @Override
    void close();
}
