package io.millstream.testkit.memory;

import io.millstream.api.Lease;
import io.millstream.api.Refusal;
import io.millstream.api.Take;
import io.millstream.api.Term;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Who waits for the messages of one queue: takes first, in the order they came, then subscriptions
/// by their priority, in turn among equals. Guarded by the backend's lock.
final class Consumers {

    private final MemoryQueue queue;
    private final Deque<MemoryTake> takes = new ArrayDeque<>();

    /// The one that was served longest ago comes first.
    private final Deque<MemorySubscription> subscriptions = new ArrayDeque<>();

    private final Disuse disuse;

    /// The only one that gets anything, or null if all do or there is none.
    private @Nullable MemorySubscription active;

    Consumers(MemoryQueue queue) {
        this.queue = queue;
        this.disuse = new Disuse(queue);
    }

    /// Why this take may not wait for the queue's messages now, or null.
    @Nullable Refusal refusalOf(Take take) {
        Refusal taken = refusalOfAll();
        if (taken != null || take.types().isEmpty()) return taken;
        return queue.declared().definition().typed()
                ? null
                : new Refusal.Invalid(
                        queue.name()
                                + " does not tell types apart. Declare it typed while it is"
                                + " empty.");
    }

    /// Why nobody else may have anything of the queue now, or null.
    private @Nullable Refusal refusalOfAll() {
        boolean taken = subscriptions.stream().anyMatch(MemorySubscription::isExclusive);
        return taken
                ? new Refusal.Invalid(
                        queue.name()
                                + " has an exclusive consumer. Try again when that one has ended.")
                : null;
    }

    /// Why this one may not consume from the queue now, or null.
    @Nullable Refusal refusalOf(MemorySubscription subscription) {
        Refusal taken = refusalOfAll();
        if (taken != null || !subscription.isExclusive() || subscriptions.isEmpty()) return taken;
        return new Refusal.Invalid(
                queue.name() + " has consumers. End them first, or consume without exclusive.");
    }

    void add(MemoryTake take) {
        takes.add(take);
        disuse.used(true);
        queue.store().touched(queue);
    }

    void remove(MemoryTake take) {
        takes.remove(take);
        used();
    }

    void add(MemorySubscription subscription) {
        // Whoever waits already comes before it, if nobody is active.
        chooseActive();
        subscriptions.add(subscription);
        disuse.used(true);
        endRefusedTakes();
        queue.store().touched(queue);
    }

    /// Refuses the takes that wait for what they cannot have any more.
    void endRefusedTakes() {
        for (MemoryTake take : List.copyOf(takes)) {
            Refusal refusal = refusalOf(take.asked());
            if (refusal != null) take.refuse(refusal);
        }
    }

    void remove(MemorySubscription subscription) {
        subscriptions.remove(subscription);
        if (active == subscription) active = null;
        used();
        queue.store().touched(queue);
    }

    /// The queue is used at this moment.
    void used() {
        disuse.used(!takes.isEmpty() || !subscriptions.isEmpty());
    }

    /// The queue is gone, and nothing will come any more.
    void end() {
        Refusal gone = new Refusal.NoSuchChannel(queue.name());
        List.copyOf(takes).forEach(take -> take.refuse(gone));
        List.copyOf(subscriptions).forEach(subscription -> subscription.end(gone));
        disuse.end();
        queue.allowance().end();
    }

    /// Hands out what can be handed out.
    void serve() {
        chooseActive();
        subscriptions.forEach(one -> one.stands(active == null || active == one, active != null));
        serveTakes();
        serveSubscriptions();
        queue.allowance().watchTheTime();
    }

    /// Serves those that there is something for, in the order in which they came.
    private void serveTakes() {
        boolean served;
        do {
            served = List.copyOf(takes).stream().anyMatch(this::fill);
        } while (served);
    }

    /// Answers the take, which leaves by that, if there is something for it.
    ///
    /// @return whether there was
    private boolean fill(MemoryTake take) {
        List<Entry> before = new ArrayList<>();
        List<Lease> leases = new ArrayList<>();
        long room = take.asked().bytes();
        Turn turn = Turn.of(take.asked().types());
        boolean settled = take.asked().term() instanceof Term.Auto;
        while (leases.size() < take.asked().messages() && queue.hasRoomInFlight(turn)) {
            Entry next = queue.firstReady(turn);
            if (next == null || (!leases.isEmpty() && next.bytes() > room)) break;
            room -= next.bytes();
            before.add(next);
            turn.got(next, settled);
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
        for (MemorySubscription subscription : candidates()) {
            Turn turn = turns.computeIfAbsent(subscription, _ -> Turn.ofAll());
            Entry next = queue.hasRoomInFlight(turn) ? queue.firstReady(turn) : null;
            if (next == null) continue;
            turn.got(next, subscription.settles());
            subscriptions.remove(subscription);
            subscriptions.addLast(subscription);
            batches.computeIfAbsent(subscription, _ -> new ArrayList<>())
                    .add(subscription.lease(next));
            return true;
        }
        return false;
    }

    /// Those that may have something now, in the order in which they are asked.
    private List<MemorySubscription> candidates() {
        return subscriptions.stream()
                .filter(one -> (active == null || active == one) && one.hasCredit())
                .sorted(Comparator.comparingInt(MemorySubscription::priority).reversed())
                .toList();
    }

    private void chooseActive() {
        if (!queue.declared().definition().singleActive()) {
            active = null;
        } else if (active == null) {
            active =
                    subscriptions.stream()
                            .min(
                                    Comparator.comparingInt(MemorySubscription::priority)
                                            .reversed()
                                            .thenComparingLong(MemorySubscription::number))
                            .orElse(null);
        }
    }
}
