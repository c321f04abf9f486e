package io.millstream.engine.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// The deliveries with which something happens by itself, over all queues: leases that end, waits
/// that are over, and what tries again to be dead-lettered.
final class Agenda {
    private final Deadlines leases = new Deadlines();
    private final Deadlines waits = new Deadlines();

    /// By their queues.
    private final Map<QueueState, LinkedHashSet<Delivery>> stranded = new LinkedHashMap<>();

    /// Leases that end at a time, soonest first.
    Deadlines leases() {
        return leases;
    }

    /// Waits, soonest first.
    Deadlines waits() {
        return waits;
    }

    /// The queues in which something waits for a dead-letter target that takes it.
    List<QueueState> withStranded() {
        return new ArrayList<>(stranded.keySet());
    }

    /// What waits in a queue for a dead-letter target that takes it.
    List<Delivery> stranded(QueueState queue) {
        return new ArrayList<>(stranded.getOrDefault(queue, new LinkedHashSet<>()));
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
            case STRANDED ->
                    stranded.computeIfAbsent(delivery.queue, _ -> new LinkedHashSet<>())
                            .add(delivery);
            case READY -> {}
        }
    }

    /// Comes before its status changes.
    void remove(Delivery delivery) {
        switch (delivery.status) {
            case LEASED -> leases.remove(delivery);
            case WAITING -> waits.remove(delivery);
            case STRANDED ->
                    stranded.computeIfPresent(
                            delivery.queue,
                            (_, all) -> all.remove(delivery) && all.isEmpty() ? null : all);
            case READY -> {}
        }
    }

    /// A snapshot's runs come in the order they changed; what is stranded is tried again in the
    /// order of puts.
    void loaded() {
        List<QueueState> queues = withStranded();
        queues.sort(Comparator.comparingLong(QueueState::channel));
        for (QueueState queue : queues) {
            List<Delivery> sorted = stranded(queue);
            sorted.sort(Comparator.comparingLong(delivery -> delivery.sequence));
            stranded.remove(queue);
            stranded.put(queue, new LinkedHashSet<>(sorted));
        }
    }
}
