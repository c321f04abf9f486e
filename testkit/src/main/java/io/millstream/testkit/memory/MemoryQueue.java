package io.millstream.testkit.memory;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Fence;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Term;
import io.millstream.api.Via;
import io.millstream.api.View;
import io.millstream.testkit.memory.Alarms.Due;
import io.millstream.testkit.memory.Entry.State;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/// One life of a queue: its messages by sequence. Guarded by the backend's lock.
///
/// [#replace] is the only way to change a message; indexes, counts, alarms and credit follow from
/// it, and the journal learns how to take it back.
final class MemoryQueue {

    /// How the queue is declared.
    ///
    /// @param definition all of it
    /// @param version of it
    /// @param modified since when
    record Declared(Definition.Queue definition, long version, Instant modified) {}

    /// What has passed through the queue.
    ///
    /// @param stored messages that came
    /// @param done messages settled as done
    /// @param dead messages dead-lettered or given up
    /// @param expired messages dropped for their age
    record Totals(long stored, long done, long dead, long expired) {}

    private final Store store;
    private final ChannelName name;
    private final long incarnation;
    private final Instant created;
    private final NavigableMap<Long, Entry> entries = new TreeMap<>();
    private final NavigableMap<Place, Entry> ready = new TreeMap<>();
    private final NavigableSet<Long> stuck = new TreeSet<>();
    private final Consumers consumers = new Consumers(this);
    private Declared declared;
    private Totals totals = new Totals(0, 0, 0, 0);
    private long lastSequence;
    private long leased;
    private long delayed;
    private long bytes;

    MemoryQueue(Store store, Declared declared) {
        this.store = store;
        this.name = declared.definition().name();
        this.incarnation = declared.version();
        this.created = declared.modified();
        this.declared = declared;
    }

    ChannelName name() {
        return name;
    }

    long incarnation() {
        return incarnation;
    }

    Declared declared() {
        return declared;
    }

    Consumers consumers() {
        return consumers;
    }

    Store store() {
        return store;
    }

    void declare(Declared next) {
        Declared before = declared;
        declared = next;
        store.journal().changed(() -> declared = before);
    }

    // What is in it.

    @Nullable Entry entry(long sequence) {
        return entries.get(sequence);
    }

    /// All of them behind `after`, by sequence.
    List<Entry> entriesAfter(long after) {
        return List.copyOf(entries.tailMap(after, false).values());
    }

    View.QueueView view() {
        View.QueueCounts counts =
                new View.QueueCounts(
                        ready.size(),
                        leased,
                        delayed,
                        bytes,
                        totals.stored(),
                        totals.done(),
                        totals.dead(),
                        totals.expired());
        return new View.QueueView(
                declared.definition(),
                incarnation,
                declared.version(),
                created,
                declared.modified(),
                counts);
    }

    // What happens to messages.

    long put(Message message) {
        long sequence = nextSequence();
        count(1, 0, 0, 0);
        replace(sequence, Entry.put(sequence, message, store.now()));
        return sequence;
    }

    boolean hasRoomInFlight() {
        return leased < declared.definition().maxInFlight();
    }

    /// The first message that may be handed out, or null. Those whose attempts turn out to be used
    /// up, because the limit was lowered, are given up on the way.
    @Nullable Entry firstReady() {
        while (!ready.isEmpty()) {
            Entry first = ready.firstEntry().getValue();
            if (!isUsedUp(first)) return first;
            makeReady(first);
        }
        return null;
    }

    Lease lease(Entry entry, Term term, MemorySession session, @Nullable Window window) {
        Fence fence = store.nextFence();
        Moment ends = term instanceof Term.Timed timed ? store.now().plus(timed.length()) : null;
        Entry out =
                entry.handedOut(
                        store.now().wall(), new State.Leased(fence, term, ends, session, window));
        if (term instanceof Term.Auto) {
            finish(entry);
        } else {
            replace(entry.sequence(), out);
        }
        return new Lease(
                new Handle(name, incarnation, entry.sequence(), fence),
                out.deliveries(),
                out.attempts(),
                out.stored().wall(),
                Objects.requireNonNull(out.firstDelivered()),
                ends == null ? null : ends.wall(),
                out.via(),
                out.message());
    }

    /// As if `before` had never been handed out by the lease with this fence.
    void takeBackLease(Entry before, Lease lease, Term term) {
        Entry current = entries.get(before.sequence());
        if (term instanceof Term.Auto) {
            count(0, -1, 0, 0);
            replace(before.sequence(), before);
        } else if (current != null && isCurrent(current, lease.handle().fence())) {
            replace(before.sequence(), before);
        }
    }

    static boolean isCurrent(Entry entry, Fence fence) {
        return entry.state() instanceof State.Leased leased && leased.fence().equals(fence);
    }

    void finish(Entry entry) {
        replace(entry.sequence(), null);
        count(0, 1, 0, 0);
    }

    void delay(Entry entry, Duration by) {
        Moment due = store.now().plus(by);
        replace(entry.sequence(), entry.with(new State.Delayed(due, store.next())));
    }

    /// Makes it ready in its place, or gives it up if its attempts are used up.
    ///
    /// @return where it went instead, or null
    @Nullable ChannelName makeReady(Entry entry) {
        if (isUsedUp(entry)) {
            int max = declared.definition().maxAttempts();
            String reason = "attempts used up: " + entry.attempts() + " of " + max;
            return giveUp(entry, Via.Cause.ATTEMPTS, reason);
        }
        replace(entry.sequence(), entry.with(State.Ready.READY));
        return null;
    }

    private boolean isUsedUp(Entry entry) {
        int max = declared.definition().maxAttempts();
        return max > 0 && entry.attempts() >= max;
    }

    /// Gives it up: to the dead-letter target, or to wait for that, or out of the world.
    ///
    /// @return where it went, or null
    @Nullable ChannelName giveUp(Entry entry, Via.Cause cause, String reason) {
        ChannelName target = declared.definition().deadLetter();
        MemoryQueue grave = target == null ? null : store.queue(target);
        if (target != null && grave == null) {
            replace(entry.sequence(), entry.with(new State.Stuck(cause, reason)));
            return null;
        }
        replace(entry.sequence(), null);
        count(0, 0, 1, 0);
        if (grave != null) {
            grave.bury(entry, Deaths.after(entry.via(), name, cause, reason, store.now().wall()));
        }
        return target;
    }

    private void bury(Entry entry, Via.DeadLettered via) {
        long sequence = nextSequence();
        count(1, 0, 0, 0);
        replace(
                sequence,
                Entry.arrived(
                        sequence,
                        entry.message(),
                        entry.stored(),
                        entry.firstDelivered(),
                        entry.deliveries(),
                        via));
    }

    /// Tries again what could not be dead-lettered.
    void retryStuck() {
        for (long sequence : List.copyOf(stuck)) {
            Entry entry = entries.get(sequence);
            if (entry != null && entry.state() instanceof State.Stuck(var cause, String reason)) {
                if (cause == Via.Cause.ATTEMPTS) {
                    makeReady(entry);
                } else {
                    giveUp(entry, cause, reason);
                }
            }
        }
    }

    /// Drops everything.
    ///
    /// @return how many messages
    int clear() {
        List<Long> all = new ArrayList<>(entries.keySet());
        all.forEach(sequence -> replace(sequence, null));
        return all.size();
    }

    // What becomes too old.

    /// When the next message that is not leased has been here as long as it may, by the clock that
    /// never jumps; or the end of time.
    long nextExpiryNanos() {
        Duration retention = declared.definition().retention();
        if (retention == null) return Long.MAX_VALUE;
        return entries.values().stream()
                .filter(entry -> !(entry.state() instanceof State.Leased))
                .mapToLong(entry -> entry.stored().plus(retention).nanos())
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /// Drops what has become too old; what is leased may still be finished.
    void dropExpired() {
        Duration retention = declared.definition().retention();
        if (retention == null) return;
        for (Entry entry : List.copyOf(entries.values())) {
            boolean tooOld = !store.now().isBefore(entry.stored().plus(retention));
            if (tooOld && !(entry.state() instanceof State.Leased)) {
                replace(entry.sequence(), null);
                count(0, 0, 0, 1);
            }
        }
    }

    // How it is kept.

    private long nextSequence() {
        long before = lastSequence;
        store.journal().changed(() -> lastSequence = before);
        return ++lastSequence;
    }

    private void count(int stored, int done, int dead, int expired) {
        Totals before = totals;
        totals =
                new Totals(
                        before.stored() + stored,
                        before.done() + done,
                        before.dead() + dead,
                        before.expired() + expired);
        store.journal().changed(() -> totals = before);
    }

    void replace(long sequence, @Nullable Entry next) {
        Entry before = next == null ? entries.remove(sequence) : entries.put(sequence, next);
        if (before != null) forget(before);
        if (next != null) index(next);
        store.journal().changed(() -> replace(sequence, before));
        store.touched(this);
    }

    private void index(Entry entry) {
        bytes += entry.bytes();
        switch (entry.state()) {
            case State.Ready _ -> ready.put(entry.place(), entry);
            case State.Leased lease -> {
                leased++;
                lease.session().holds(this, entry.sequence());
                if (lease.window() != null) lease.window().take(entry.bytes());
                if (lease.ends() != null)
                    store.alarms().set(due(lease.fence(), lease.ends()), () -> expire(entry));
            }
            case State.Delayed(Moment due, long order) -> {
                delayed++;
                store.alarms().set(new Due(due.nanos(), order), () -> mature(entry));
            }
            case State.Stuck _ -> {
                delayed++;
                stuck.add(entry.sequence());
            }
        }
    }

    private void forget(Entry entry) {
        bytes -= entry.bytes();
        switch (entry.state()) {
            case State.Ready _ -> ready.remove(entry.place());
            case State.Leased lease -> {
                leased--;
                lease.session().holdsNoMore(this, entry.sequence());
                if (lease.window() != null) lease.window().giveBack(entry.bytes());
                if (lease.ends() != null) store.alarms().cancel(due(lease.fence(), lease.ends()));
            }
            case State.Delayed(Moment due, long order) -> {
                delayed--;
                store.alarms().cancel(new Due(due.nanos(), order));
            }
            case State.Stuck _ -> {
                delayed--;
                stuck.remove(entry.sequence());
            }
        }
    }

    private static Due due(Fence fence, Moment ends) {
        return new Due(ends.nanos(), fence.position());
    }

    private void expire(Entry leased) {
        makeReady(leased);
    }

    /// Joins behind everything stored so far, and that is its place from then on.
    private void mature(Entry delayed) {
        makeReady(delayed.with(new Place(lastSequence, store.next())));
    }
}
