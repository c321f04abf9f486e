package io.millstream.testkit.memory;

import io.millstream.api.BackOff;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Fence;
import io.millstream.api.Groups;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Lifecycle;
import io.millstream.api.Message;
import io.millstream.api.Refusal;
import io.millstream.api.Term;
import io.millstream.api.Via;
import io.millstream.api.View;
import io.millstream.testkit.memory.Alarms.Due;
import io.millstream.testkit.memory.Entry.State;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
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

    /// How a message comes.
    ///
    /// @param type what it is, as far as where it comes from knows
    /// @param timeToLive how long it lets itself lie here undelivered, or null
    /// @param stored when it was put first, wherever that was
    /// @param via how it comes here
    private record Arrival(
            @Nullable String type, @Nullable Duration timeToLive, Moment stored, Via via) {}

    private final Store store;
    private final ChannelName name;
    private final long incarnation;
    private final Instant created;
    private final NavigableMap<Long, Entry> entries = new TreeMap<>();
    private final NavigableSet<Long> stuck = new TreeSet<>();
    private final Consumers consumers = new Consumers(this);
    private final Lifetimes lifetimes = new Lifetimes(this);
    private final Allowance allowance = new Allowance(this);
    private final Kept kept = new Kept(this);
    private final Telling telling = new Telling(this);
    private final Remembered remembered;
    private ReadyOrder order;
    private Declared declared;
    private Totals totals = new Totals(0, 0, 0, 0);
    private long lastSequence;
    private long leased;
    private long leasedBytes;
    private long delayed;
    private long bytes;

    MemoryQueue(Store store, Declared declared) {
        this.store = store;
        this.name = declared.definition().name();
        this.incarnation = declared.version();
        this.created = declared.modified();
        this.declared = declared;
        this.remembered = new Remembered(store);
        this.order = new ReadyOrder(declared.definition().groups());
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

    Remembered remembered() {
        return remembered;
    }

    Lifetimes lifetimes() {
        return lifetimes;
    }

    Kept kept() {
        return kept;
    }

    Telling telling() {
        return telling;
    }

    Allowance allowance() {
        return allowance;
    }

    void declare(Declared next) {
        Declared before = declared;
        telling.declared(next.definition().lifecycle());
        kept.declared(next.definition().keepSettled());
        declared = next;
        store.journal().changed(() -> declared = before);
        Groups mode = next.definition().groups();
        if (mode != order.mode()) reorder(mode);
        if (next.definition().deduplication() == null) remembered.forget();
        allowance.redefined();
    }

    /// Why it cannot be declared to tell types apart now, or null.
    @Nullable Refusal refusalOfTyped() {
        if (declared.definition().typed() || entries.isEmpty()) return null;
        return new Refusal.Invalid(
                name
                        + " holds "
                        + entries.size()
                        + " messages whose types it has not noted. Let it run empty, or purge it,"
                        + " and declare it typed then.");
    }

    private void reorder(Groups mode) {
        ReadyOrder before = order;
        order = new ReadyOrder(mode);
        entries.values().forEach(order::add);
        store.journal().changed(() -> order = before);
    }

    // What is in it.

    @Nullable Entry entry(long sequence) {
        return entries.get(sequence);
    }

    /// All of them behind `after`, by sequence.
    List<Entry> entriesAfter(long after) {
        return List.copyOf(entries.tailMap(after, false).values());
    }

    /// Those that wait for their time, the one that is due first first.
    List<Entry> delayed() {
        return entries.values().stream()
                .filter(entry -> entry.state() instanceof State.Delayed)
                .sorted(Comparator.comparing(Entry::place))
                .toList();
    }

    /// The first one of each lane.
    Collection<Entry> heads() {
        return order.heads();
    }

    /// The ready ones as they would be handed out if each were finished at once.
    List<Entry> inHandOutOrder() {
        return order.all(entries.values(), declared.definition());
    }

    View.QueueView view() {
        View.QueueCounts counts =
                new View.QueueCounts(
                        entries.size() - leased - delayed,
                        leased,
                        delayed,
                        bytes,
                        totals.stored(),
                        totals.done(),
                        totals.dead(),
                        totals.expired(),
                        kept.count());
        return new View.QueueView(
                declared.definition(),
                incarnation,
                declared.version(),
                created,
                declared.modified(),
                counts);
    }

    /// The sequence that the next message gets.
    long end() {
        return lastSequence + 1;
    }

    // What happens to messages.

    long put(Message message) {
        Duration delay = message.delay();
        Arrival arrival =
                new Arrival(message.type(), message.timeToLive(), store.now(), Via.Direct.DIRECT);
        long sequence = arrive(message, arrival, null);
        Entry entry = entries.get(sequence);
        if (entry != null && !delay.isZero()) delay(entry, delay);
        remembered.remember(message, sequence, declared.definition().deduplication());
        telling.put(sequence, message);
        return sequence;
    }

    /// Puts it as a new message that does not wait and may lie here as long as the queue allows.
    ///
    /// @param type as the queue that it comes from has noted it
    /// @param from where it was, or null if it was settled here
    /// @return its sequence
    long putMoved(Message message, @Nullable String type, Lifecycle.@Nullable Place from) {
        Arrival arrival = new Arrival(type, null, store.now(), Via.Direct.DIRECT);
        long sequence = arrive(message, arrival, null);
        telling.comes(sequence, from);
        return sequence;
    }

    /// Its type, if this queue has noted it and tells types apart.
    @Nullable String notedType(Entry entry) {
        return declared.definition().typed() ? entry.origin().type() : null;
    }

    private long arrive(Message message, Arrival arrival, @Nullable Entry before) {
        boolean typed =
                declared.definition().typed() && !allowance.isOneTypeTooMany(arrival.type());
        Entry.Origin origin =
                new Entry.Origin(
                        message,
                        typed ? arrival.type() : null,
                        arrival.timeToLive(),
                        arrival.stored(),
                        store.now(),
                        arrival.via());
        long sequence = nextSequence();
        count(1, 0, 0, 0);
        Instant firstDelivered = before == null ? null : before.firstDelivered();
        int deliveries = before == null ? 0 : before.deliveries();
        replace(sequence, Entry.arrived(sequence, origin, firstDelivered, deliveries));
        return sequence;
    }

    boolean hasRoomInFlight() {
        return hasRoomInFlight(Turn.ofAll());
    }

    /// Whether one more for `turn` is within what the queue hands out at once.
    boolean hasRoomInFlight(Turn turn) {
        return leased + turn.settled().size() < declared.definition().maxInFlight();
    }

    /// Whether one more message of so many bytes is within the queue's capacity; what is leased
    /// does not count.
    boolean fits(long more) {
        return declared.definition()
                .capacity()
                .holds(entries.size() - leased + 1, bytes - leasedBytes + more);
    }

    /// The first message that may be handed out to `turn` and is not held up by a limit, or null.
    /// What turns out to be dead on the way, because the limit of attempts was lowered or for its
    /// age, is given up.
    @Nullable Entry firstReady(Turn turn) {
        if (declared.definition().paused()) return null;
        Entry first = first(turn);
        while (first != null && (isUsedUp(first) || lifetimes.isOverdue(first))) {
            if (isUsedUp(first)) {
                makeReady(first);
            } else {
                lifetimes.expire(first);
            }
            first = first(turn);
        }
        return first;
    }

    private @Nullable Entry first(Turn turn) {
        return order.first(
                turn,
                entry -> turn.wants(entry) && allowance.admits(entry, turn.settled()),
                declared.definition());
    }

    /// The message that makes room for another one: the one that would be handed out next if
    /// nothing were limited, then those that their group holds up, then those that wait for their
    /// time. Null if all others are leased or stuck.
    @Nullable Entry nextToDrop() {
        Entry next = order.first(Turn.ofAll(), _ -> true, declared.definition());
        if (next != null) {
            store.journal().changed(order.served(next, declared.definition()));
            return next;
        }
        return entries.values().stream()
                .filter(Entry::isReady)
                .min(ReadyOrder.by(declared.definition().ageing()))
                .or(() -> delayed().stream().findFirst())
                .orElse(null);
    }

    Lease lease(Entry entry, Term term, MemorySession session, @Nullable Window window) {
        Fence fence = store.nextFence();
        Moment ends = term instanceof Term.Timed timed ? store.now().plus(timed.length()) : null;
        store.journal().changed(order.served(entry, declared.definition()));
        allowance.begins(entry);
        Entry out =
                entry.handedOut(
                        store.now().wall(), new State.Leased(fence, term, ends, session, window));
        telling.taken(out, ends);
        if (term instanceof Term.Auto) {
            finish(entry);
        } else {
            replace(entry.sequence(), out);
        }
        return new Lease(
                new Handle(name, incarnation, entry.sequence(), fence),
                out.deliveries(),
                out.attempts(),
                out.origin().stored().wall(),
                Objects.requireNonNull(out.firstDelivered()),
                ends == null ? null : ends.wall(),
                out.origin().via(),
                out.message());
    }

    /// As if `before` had never been handed out by the lease with this fence.
    void takeBackLease(Entry before, Lease lease, Term term) {
        Entry current = entries.get(before.sequence());
        if (term instanceof Term.Auto) {
            count(0, -1, 0, 0);
            kept.takeBack(before.sequence());
            telling.comes(before.sequence(), null);
            replace(before.sequence(), before);
        } else if (current != null && isCurrent(current, lease.handle().fence())) {
            telling.returned(current.withAttempts(before.attempts()), null);
            replace(before.sequence(), before);
        }
    }

    static boolean isCurrent(Entry entry, Fence fence) {
        return entry.state() instanceof State.Leased leased && leased.fence().equals(fence);
    }

    void finish(Entry entry) {
        kept.keep(entry);
        telling.done(entry.sequence());
        replace(entry.sequence(), null);
        count(0, 1, 0, 0);
    }

    /// It is older than the queue keeps messages.
    void dropOld(Entry entry) {
        telling.dropped(entry.sequence());
        replace(entry.sequence(), null);
        count(0, 0, 0, 1);
    }

    /// Drops it at somebody's wish.
    void drop(Entry entry) {
        telling.dropped(entry.sequence());
        replace(entry.sequence(), null);
        count(0, 0, 1, 0);
    }

    void delay(Entry entry, Duration by) {
        Moment due = store.now().plus(by);
        telling.returned(entry, due);
        replace(entry.sequence(), entry.delayed(new State.Delayed(due, store.next())));
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
        telling.returned(entry, null);
        replace(entry.sequence(), entry.with(State.Ready.READY));
        return null;
    }

    boolean isUsedUp(Entry entry) {
        int max = declared.definition().maxAttempts();
        return max > 0 && entry.attempts() >= max;
    }

    /// Whether dead messages have to wait for their target to be defined.
    boolean isGraveMissing() {
        ChannelName target = declared.definition().deadLetter();
        return target != null && store.queue(target) == null;
    }

    /// Gives it up: to the dead-letter target, or to wait for that, or out of the world. There it
    /// goes without a target, and if it would go round for ever without anybody looking at it.
    ///
    /// @return where it went, or null
    @Nullable ChannelName giveUp(Entry entry, Via.Cause cause, String reason) {
        ChannelName target = declared.definition().deadLetter();
        Via via = entry.origin().via();
        boolean goesRound = target != null && Deaths.isCycle(via, name, cause);
        if (isGraveMissing() && !goesRound) {
            if (!entry.isStuck()) telling.stranded(entry.sequence(), cause, reason);
            replace(entry.sequence(), entry.with(new State.Stuck(cause, reason)));
            return null;
        }
        boolean isDropped = target == null && cause == Via.Cause.EXPIRED;
        replace(entry.sequence(), null);
        count(0, 0, isDropped ? 0 : 1, isDropped ? 1 : 0);
        MemoryQueue grave = target == null || goesRound ? null : store.queue(target);
        if (grave == null) {
            telling.dropped(entry.sequence());
            return null;
        }
        Via.DeadLettered death = Deaths.after(via, name, cause, reason, store.now().wall());
        Arrival arrival = new Arrival(notedType(entry), null, entry.origin().stored(), death);
        Lifecycle.Place place = grave.telling.place(grave.arrive(entry.message(), arrival, entry));
        telling.dead(entry.sequence(), cause, reason, place);
        grave.telling.comes(place.sequence(), telling.place(entry.sequence()));
        return target;
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
        lifetimes.add(entry);
        order.add(entry);
        switch (entry.state()) {
            case State.Ready _ -> {}
            case State.Leased lease -> {
                leased++;
                leasedBytes += entry.bytes();
                allowance.holdsSlots(entry);
                lease.session().holds(this, entry.sequence());
                if (lease.window() != null) lease.window().take(entry.bytes());
                if (lease.ends() != null)
                    store.alarms().set(due(lease.fence(), lease.ends()), () -> endLease(entry));
            }
            case State.Delayed(Moment due, long turn) -> {
                delayed++;
                store.alarms().set(new Due(due.nanos(), turn), () -> makeReady(entry));
            }
            case State.Stuck _ -> {
                delayed++;
                stuck.add(entry.sequence());
            }
        }
    }

    private void forget(Entry entry) {
        bytes -= entry.bytes();
        lifetimes.remove(entry);
        order.remove(entry);
        switch (entry.state()) {
            case State.Ready _ -> {}
            case State.Leased lease -> {
                leased--;
                leasedBytes -= entry.bytes();
                allowance.givesSlotsBack(entry);
                lease.session().holdsNoMore(this, entry.sequence());
                if (lease.window() != null) lease.window().giveBack(entry.bytes());
                if (lease.ends() != null) store.alarms().cancel(due(lease.fence(), lease.ends()));
            }
            case State.Delayed(Moment due, long turn) -> {
                delayed--;
                store.alarms().cancel(new Due(due.nanos(), turn));
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

    /// Its time is over: it is back in its old place, or waits first if the queue says so.
    private void endLease(Entry leased) {
        BackOff backOff = declared.definition().backOff();
        if (backOff == null || isUsedUp(leased)) {
            makeReady(leased);
        } else {
            delay(leased, backOff.after(leased.attempts()));
        }
    }
}
