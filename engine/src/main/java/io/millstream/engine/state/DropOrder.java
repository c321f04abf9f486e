package io.millstream.engine.state;

import io.millstream.api.Definition;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/// The messages of a queue in the order in which they make room for others: those that are ready,
/// as they would be handed out, then those that wait for their group or a dead-letter target, and
/// last those that wait for their time.
final class DropOrder {
    private static final long NOTHING = 0;
    private static final long LOCKED = -1;

    private final @Nullable QueueState queue;
    private final @Nullable ReadyOrder ready;
    private final TimeOrder.@Nullable Walk delayed;
    private final TimeOrder.@Nullable Walk waiting;
    private final long ageing;
    private final long now;
    private final PriorityQueue<Tentative.Own> own =
            new PriorityQueue<>(
                    Comparator.comparingInt(Tentative.Own::priority)
                            .thenComparingLong(Tentative.Own::sequence));
    private final PriorityQueue<Tentative.Own> ownDelayed =
            new PriorityQueue<>(
                    Comparator.comparingLong(Tentative.Own::delayMillis)
                            .thenComparingLong(Tentative.Own::sequence));

    /// What this commit has put into groups, behind what: it comes once that has been passed.
    private final Map<Long, Tentative.Own> behind = new TreeMap<>();

    /// Of each group that this commit has put into, the last message, or [#LOCKED].
    private final Map<KeyHash, Long> last = new HashMap<>();

    private final Set<Long> passed = new HashSet<>();
    private final PriorityQueue<Tentative.Own> ownHeld =
            new PriorityQueue<>(Comparator.comparingLong(Tentative.Own::sequence));
    private final boolean isOrdered;
    private long nextReady;

    /// The last one that [#heldAfter] gave.
    private long held;

    /// How many of those that are neither leased nor wait for their time have not come yet: so the
    /// others need not be looked through for nothing.
    private long left;

    /// @param queue as it is, or null if nothing counts that was there before
    DropOrder(@Nullable QueueState queue, Definition.Queue definition, long now) {
        this.queue = queue;
        this.now = now;
        Duration step = definition.ageing();
        this.ageing = step == null ? 0 : step.toMillis();
        this.isOrdered = definition.groups().isOrdered();
        this.ready = queue == null ? null : ReadyOrder.ofAll(queue);
        this.delayed = queue == null ? null : queue.lanes().delayed().walk();
        this.waiting = queue == null ? null : queue.lanes().waiting().walk();
        this.nextReady = ready == null ? -1 : ready.next();
        this.left = queue == null ? 0 : Standing.outOfTime(queue);
    }

    /// The same commit has put a message.
    void add(Tentative.Own message) {
        KeyHash group = isOrdered ? message.group() : null;
        boolean waits = message.delayMillis() > 0;
        if (group == null) {
            (waits ? ownDelayed : own).add(message);
            return;
        }
        Long known = last.get(group);
        long ahead = known == null ? lastOf(group) : known;
        last.put(group, waits || ahead == LOCKED ? LOCKED : message.sequence());
        if (waits) {
            ownDelayed.add(message);
        } else if (ahead == LOCKED) {
            ownHeld.add(message);
        } else if (ahead == NOTHING || passed.contains(ahead)) {
            own.add(message);
        } else {
            behind.put(ahead, message);
        }
    }

    /// The last message of a group that was there before, [#NOTHING] or [#LOCKED].
    private long lastOf(KeyHash key) {
        Group group = queue == null ? null : queue.lanes().members().groups().find(key);
        if (group == null || (group.leased == 0 && group.members.isEmpty())) {
            return NOTHING;
        }
        return group.leased > 0 ? LOCKED : group.members.lastSequence();
    }

    /// The next one, or -1.
    long next() {
        long next = nextReady();
        if (next >= 0) {
            passed.add(next);
            Tentative.Own follower = behind.remove(next);
            if (follower != null) {
                own.add(follower);
            }
            return next;
        }
        if (queue != null && left > 0) {
            left--;
            held = heldAfter(queue, held);
            if (held >= 0) {
                return held;
            }
            left = 0;
        }
        ownHeld.addAll(behind.values());
        behind.clear();
        Tentative.Own put = ownHeld.poll();
        return put == null ? nextDelayed() : put.sequence();
    }

    private long nextReady() {
        Tentative.Own put = own.peek();
        if (put != null && (nextReady < 0 || isBefore(put, nextReady))) {
            own.remove();
            return put.sequence();
        }
        long next = nextReady;
        if (ready != null && next >= 0) {
            nextReady = ready.next();
            left--;
        }
        return next;
    }

    /// What was put by the same commit became ready last.
    private boolean isBefore(Tentative.Own put, long other) {
        if (queue == null) {
            return true;
        }
        int priority = queue.locate(other).mark().priority();
        if (ageing == 0) {
            return put.priority() < priority;
        }
        long since = now + put.priority() * ageing;
        long ofSince = Turn.time(Standing.turn(queue, other)) + priority * ageing;
        return since < ofSince || (since == ofSince && put.priority() < priority);
    }

    private long nextDelayed() {
        TimeOrder.Walk soonest = Lanes.soonest(delayed, waiting);
        Tentative.Own put = ownDelayed.peek();
        if (put != null && (soonest == null || now + put.delayMillis() < soonest.time())) {
            ownDelayed.remove();
            return put.sequence();
        }
        if (soonest == null) {
            return -1;
        }
        long next = soonest.sequence();
        soonest.advance();
        return next;
    }

    private long heldAfter(QueueState queue, long sequence) {
        long next = queue.next(sequence);
        while (next >= 0
                && (passed.contains(next)
                        || isLeased(queue, next)
                        || Standing.dueOf(queue, next) != 0)) {
            next = queue.next(next);
        }
        return next;
    }

    private static boolean isLeased(QueueState queue, long sequence) {
        Delivery delivery = queue.delivery(sequence);
        return delivery != null && delivery.isLeased();
    }
}
