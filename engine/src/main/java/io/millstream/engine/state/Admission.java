package io.millstream.engine.state;

import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Decides whether a message may come into a queue, and what has to go for it.
final class Admission {
    /// How many messages go for those of one commit, so that it stays a frame of the log: a queue
    /// whose capacity was lowered by more comes down with the next ones.
    static final int DROPPED_MAX = 10_000;

    private final Tentative tentative;
    private final List<Entry> entries;
    private final Burial burial;
    private final boolean limits;
    private int droppedAll;

    /// @param entries where to add what has to go
    /// @param limits whether queues are held to their capacities, which a commit that settles
    ///   something may exceed
    Admission(Tentative tentative, List<Entry> entries, Burial burial, boolean limits) {
        this.tentative = tentative;
        this.entries = entries;
        this.burial = burial;
        this.limits = limits;
    }

    /// What is decided about one message.
    sealed interface Admitted {

        /// It comes in.
        ///
        /// @param sequence its place
        /// @param overflows whether it is dead-lettered at once: [#overflow] follows its put
        record In(long sequence, boolean overflows) implements Admitted {}

        /// It is stored already.
        record Duplicate(long of) implements Admitted {}

        /// It cannot come in.
        record Refused(Refusal why) implements Admitted {}
    }

    /// Decides about a message, which comes in as the next one if it does.
    ///
    /// @param bytes how much it takes as it is stored
    Admitted admit(
            Tentative.Target target, Traits traits, int bytes, Operation.IfDuplicate ifDuplicate) {
        Definition.Queue queue = target.definition;
        KeyHash equal = equalKey(queue.deduplication(), traits);
        if (equal != null) {
            long of = tentative.seen(target, equal);
            if (of > 0) {
                return ifDuplicate == Operation.IfDuplicate.SKIP
                        ? new Admitted.Duplicate(of)
                        : new Admitted.Refused(new Refusal.Duplicate(of));
            }
        }
        Refusal ofType = tentative.refusalOf(target, traits.type());
        if (ofType != null) {
            return new Admitted.Refused(ofType);
        }
        boolean overflows = false;
        if (limits && queue.capacity().isLimited()) {
            Refusal refusal = makeRoom(target, bytes);
            overflows =
                    refusal instanceof Refusal.IsFull
                            && queue.capacity().overflow() == Capacity.Overflow.DEAD_LETTER
                            && canGo(queue);
            if (refusal != null && !overflows) {
                return new Admitted.Refused(refusal);
            }
        }
        tentative.comes(target, traits.type());
        long sequence = target.end++;
        if (equal != null) {
            tentative.see(target, equal, sequence);
        }
        if (!overflows) {
            target.put(
                    new Tentative.Own(
                            sequence,
                            bytes,
                            traits.priority(),
                            traits.delayMillis(),
                            traits.group()));
        }
        return new Admitted.In(sequence, overflows);
    }

    /// A message has been put that its queue has no room for.
    void overflow(Tentative.Target target, long sequence, int bytes) {
        String reason = reason(target.definition.capacity());
        burial.bury(target, sequence, bytes, Via.Cause.OVERFLOW, reason);
        tentative.end(target, sequence, entries.getLast());
    }

    /// What messages have in common that a queue takes for the same, or null if it does not look.
    static @Nullable KeyHash equalKey(@Nullable Deduplication declared, Traits traits) {
        KeyHash equal = traits.deduplication();
        if (declared == null || equal == null) {
            return null;
        }
        KeyHash group = traits.group();
        return declared.scope() == Deduplication.Scope.QUEUE || group == null
                ? equal
                : group.with(equal);
    }

    /// Whether what a queue gives up leaves it: what waits for its dead-letter target does not.
    private boolean canGo(Definition.Queue queue) {
        ChannelName deadLetter = queue.deadLetter();
        return deadLetter == null || tentative.queue(deadLetter) != null;
    }

    private static String reason(Capacity capacity) {
        return Deaths.OVERFLOW + capacity.text();
    }

    /// Drops what has to go for a message, if that is how its queue is declared.
    ///
    /// @return why there is no room, or null if there is
    private @Nullable Refusal makeRoom(Tentative.Target target, int bytes) {
        Definition.Queue queue = target.definition;
        Capacity capacity = queue.capacity();
        if (capacity.bytes() > 0 && bytes > capacity.bytes()) {
            return new Refusal.TooLarge("A message for " + queue.name(), bytes, capacity.bytes());
        }
        Set<Long> dropped = new LinkedHashSet<>();
        long messages = target.waitingMessages + 1;
        long stored = target.waitingBytes + bytes;
        boolean drops = capacity.overflow() == Capacity.Overflow.DROP_HEAD && canGo(queue);
        while (!capacity.holds(messages, stored) && droppedAll + dropped.size() < DROPPED_MAX) {
            long next = drops ? tentative.nextToDrop(target) : -1;
            if (next < 0) {
                tentative.dropNothing(target);
                return new Refusal.IsFull(queue.name(), capacity.text());
            }
            if (dropped.add(next)) {
                messages--;
                stored -= tentative.bytesOf(target, next);
            }
        }
        droppedAll += dropped.size();
        for (long sequence : dropped) {
            int bytesDropped = tentative.bytesOf(target, sequence);
            target.letGo(bytesDropped);
            burial.bury(target, sequence, bytesDropped, Via.Cause.OVERFLOW, reason(capacity));
            tentative.end(target, sequence, entries.getLast());
        }
        return null;
    }
}
