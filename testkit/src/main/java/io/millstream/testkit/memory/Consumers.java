package io.millstream.testkit.memory;

import io.millstream.api.Lease;
import io.millstream.api.Refusal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Who waits for the messages of one queue: takes first, in the order they came, then subscriptions
/// in turn. Guarded by the backend's lock.
final class Consumers {

    private final MemoryQueue queue;
    private final Deque<MemoryTake> takes = new ArrayDeque<>();
    private final Deque<MemorySubscription> subscriptions = new ArrayDeque<>();

    Consumers(MemoryQueue queue) {
        this.queue = queue;
    }

    void add(MemoryTake take) {
        takes.add(take);
        queue.store().touched(queue);
    }

    void remove(MemoryTake take) {
        takes.remove(take);
    }

    void add(MemorySubscription subscription) {
        subscriptions.add(subscription);
        queue.store().touched(queue);
    }

    void remove(MemorySubscription subscription) {
        subscriptions.remove(subscription);
    }

    /// The queue is gone, and nothing will come any more.
    void end() {
        Refusal gone = new Refusal.NoSuchChannel(queue.name());
        List.copyOf(takes).forEach(take -> take.refuse(gone));
        List.copyOf(subscriptions).forEach(subscription -> subscription.end(gone));
    }

    /// Hands out what can be handed out.
    void serve() {
        serveTakes();
        serveSubscriptions();
    }

    private void serveTakes() {
        boolean served;
        do {
            served = !takes.isEmpty() && fill(takes.getFirst());
        } while (served);
    }

    /// Answers the take, which leaves by that, if there is something for it.
    ///
    /// @return whether there was
    private boolean fill(MemoryTake take) {
        List<Entry> before = new ArrayList<>();
        List<Lease> leases = new ArrayList<>();
        long room = take.asked().bytes();
        Turn turn = new Turn();
        while (leases.size() < take.asked().messages() && queue.hasRoomInFlight()) {
            Entry next = queue.firstReady(turn);
            if (next == null || (!leases.isEmpty() && next.bytes() > room)) break;
            room -= next.bytes();
            before.add(next);
            turn.got(next);
            leases.add(queue.lease(next, take.asked().term(), take.session(), null));
        }
        if (leases.isEmpty()) return false;
        take.answer(queue, before, leases);
        return true;
    }

    private void serveSubscriptions() {
        Map<MemorySubscription, List<Lease>> batches = new LinkedHashMap<>();
        Map<MemorySubscription, Turn> turns = new HashMap<>();
        boolean served;
        do {
            served = queue.hasRoomInFlight() && serveOne(batches, turns);
        } while (served);
        batches.forEach(MemorySubscription::deliver);
    }

    /// Leases one message to the first subscription that has credit and may have what is next.
    private boolean serveOne(
            Map<MemorySubscription, List<Lease>> batches, Map<MemorySubscription, Turn> turns) {
        for (MemorySubscription subscription : List.copyOf(subscriptions)) {
            Turn turn = turns.computeIfAbsent(subscription, _ -> new Turn());
            Entry next = subscription.hasCredit() ? queue.firstReady(turn) : null;
            if (next == null) continue;
            turn.got(next);
            subscriptions.remove(subscription);
            subscriptions.addLast(subscription);
            batches.computeIfAbsent(subscription, _ -> new ArrayList<>())
                    .add(subscription.lease(next));
            return true;
        }
        return false;
    }
}
