package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.TreeSet;

/// Deliveries in the order of their deadlines. A deadline must not change while its delivery is in
/// here.
final class Deadlines {
    private final TreeSet<Delivery> byDeadline =
            new TreeSet<>(
                    Comparator.comparingLong((Delivery delivery) -> delivery.deadline)
                            .thenComparingLong(delivery -> delivery.queue.channel())
                            .thenComparingLong(delivery -> delivery.sequence));

    void add(Delivery delivery) {
        byDeadline.add(delivery);
    }

    void remove(Delivery delivery) {
        byDeadline.remove(delivery);
    }

    /// The first one whose deadline is `now` or before, left in here; or null.
    @Nullable Delivery firstDue(long now) {
        if (byDeadline.isEmpty()) {
            return null;
        }
        Delivery first = byDeadline.first();
        return first.deadline <= now ? first : null;
    }

    /// The next deadline, or [Long#MAX_VALUE].
    long next() {
        return byDeadline.isEmpty() ? Long.MAX_VALUE : byDeadline.first().deadline;
    }
}
