package io.millstream.engine.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;

/// The deliveries with which something happens by itself, over all queues: leases that end, waits
/// that are over, and what tries again to be dead-lettered.
final class Agenda {
    private final Deadlines leases = new Deadlines();
    private final Deadlines waits = new Deadlines();
    private final LinkedHashSet<Delivery> stranded = new LinkedHashSet<>();

    /// Leases that end at a time, soonest first.
    Deadlines leases() {
        return leases;
    }

    /// Waits, soonest first.
    Deadlines waits() {
        return waits;
    }

    /// What waits for a dead-letter target that takes it.
    List<Delivery> stranded() {
        return new ArrayList<>(stranded);
    }

    /// When something is next due, in milliseconds since 1970.
    long next() {
        return Math.min(leases.next(), waits.next());
    }

    /// Takes a delivery in, by its status.
    void add(Delivery delivery) {
        switch (delivery.status) {
            case LEASED -> {
                if (!delivery.isSessionBound()) {
                    leases.add(delivery);
                }
            }
            case WAITING -> waits.add(delivery);
            case STRANDED -> stranded.add(delivery);
            case READY -> {}
        }
    }

    /// Comes before its status changes.
    void remove(Delivery delivery) {
        switch (delivery.status) {
            case LEASED -> leases.remove(delivery);
            case WAITING -> waits.remove(delivery);
            case STRANDED -> stranded.remove(delivery);
            case READY -> {}
        }
    }

    /// A snapshot's runs come in the order they changed; what is stranded is tried again in the
    /// order of puts.
    void loaded() {
        List<Delivery> sorted = stranded();
        sorted.sort(
                Comparator.comparingLong((Delivery delivery) -> delivery.queue.channel())
                        .thenComparingLong(delivery -> delivery.sequence));
        stranded.clear();
        stranded.addAll(sorted);
    }
}
