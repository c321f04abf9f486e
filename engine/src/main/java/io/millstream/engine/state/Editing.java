package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Operation.Edit;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Decides edits: what changes many messages at once, or one that nobody has in hands.
final class Editing {
    private final State state;
    private final Tentative tentative;
    private final List<Entry> entries;

    Editing(State state, Tentative tentative, List<Entry> entries) {
        this.state = state;
        this.tentative = tentative;
        this.entries = entries;
    }

    Effect.Edited purge(Tentative.Target target) {
        long size = tentative.size(target);
        target.purge();
        entries.add(new Entry.Purged(target.channel, target.end));
        return new Effect.Edited(size);
    }

    Effect.Edited drop(Tentative.Target target, long sequence) {
        QueueState queue = state.queue(target.channel);
        boolean isThere =
                queue != null
                        && !target.purged
                        && sequence > 0
                        && !tentative.hasEnded(target, sequence)
                        && queue.holds(sequence);
        Delivery delivery = isThere ? queue.delivery(sequence) : null;
        if (!isThere || (delivery != null && delivery.isLeased())) {
            return new Effect.Edited(0);
        }
        entries.add(new Entry.Dropped(target.channel, sequence));
        tentative.end(target, sequence, entries.getLast());
        return new Effect.Edited(1);
    }

    /// @param to where, or null for the queue that each message died in
    Effect.Edited move(Tentative.Target from, Tentative.@Nullable Target to, int messages) {
        QueueState queue = state.queue(from.channel);
        if (queue == null || from.purged) {
            return new Effect.Edited(0);
        }
        ReadyOrder order = queue.readyOrder(Integer.MAX_VALUE);
        int most = Math.min(messages, Edit.Move.MESSAGES_MAX);
        int moved = 0;
        int examined = 0;
        for (long next = order.next();
                next >= 0 && moved < most && examined < Edit.Move.EXAMINED_MAX;
                next = order.next()) {
            examined++;
            Tentative.Target target = to == null ? origin(from, queue, next) : to;
            if (target != null && !tentative.hasEnded(from, next)) {
                entries.add(
                        new Entry.Transferred(from.channel, next, target.channel, target.end++));
                tentative.end(from, next, entries.getLast());
                moved++;
            }
        }
        return new Effect.Edited(moved);
    }

    private Tentative.@Nullable Target origin(
            Tentative.Target from, QueueState queue, long sequence) {
        Arrival arrival = queue.arrival(sequence);
        if (arrival == null || arrival.cause() == null) {
            return null;
        }
        Tentative.Target origin = tentative.queue(arrival.from());
        return origin == null || origin.channel == from.channel ? null : origin;
    }

    /// Why a move makes no sense, or null if it does.
    static @Nullable Refusal refusalOf(Edit.Move move) {
        ChannelName to = move.to();
        return move.from().equals(to)
                ? new Refusal.Invalid(
                        "Messages of %s cannot be moved to where they are. Name another queue."
                                .formatted(to))
                : null;
    }
}
