package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Operation.Edit;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

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

    /// @param refuse told why, if nothing can be dropped and that is to be refused
    Effect.Edited drop(Tentative.Target target, Edit.Drop drop, Consumer<Refusal> refuse) {
        Effect.Edited dropped = drop(target, drop.sequence());
        if (dropped.messages() == 0 && drop.ifHeld() == Edit.IfHeld.REFUSE) {
            refuse.accept(drop.refusal());
        }
        return dropped;
    }

    private Effect.Edited drop(Tentative.Target target, long sequence) {
        QueueState queue = state.queue(target.channel);
        if (queue == null
                || target.purged
                || sequence <= 0
                || tentative.hasEnded(target, sequence)
                || !queue.holds(sequence)) {
            return new Effect.Edited(0);
        }
        Delivery delivery = queue.delivery(sequence);
        if (delivery != null && delivery.isLeased()) {
            return new Effect.Edited(0);
        }
        entries.add(new Entry.Dropped(target.channel, sequence));
        target.letGo(tentative.bytesOf(target, sequence));
        tentative.end(target, sequence, entries.getLast());
        return new Effect.Edited(1);
    }

    /// @param to where, or null for the queue that each message died in
    Effect.Edited move(Tentative.Target from, Tentative.@Nullable Target to, int messages) {
        int most = Math.min(messages, Edit.Move.MESSAGES_MAX);
        QueueState queue = state.queue(from.channel);
        int moved = 0;
        if (queue != null && !from.purged) {
            moved = to == null ? moveHome(from, queue, most) : moveReady(from, queue, to, most);
        }
        for (Tentative.Own own : List.copyOf(from.own)) {
            if (moved < most && own.delayMillis() == 0) {
                moved += move(from, own, to);
            }
        }
        return new Effect.Edited(moved);
    }

    /// Those that are next and can go.
    private int moveReady(
            Tentative.Target from, QueueState queue, Tentative.@Nullable Target to, int most) {
        int moved = 0;
        ReadyOrder order = ReadyOrder.ofAll(queue);
        long next = order.next();
        for (int i = 0; next >= 0 && moved < most && i < Edit.Move.EXAMINED_MAX; i++) {
            moved += move(from, queue, next, to == null ? origin(from, queue, next) : to);
            next = order.next();
        }
        return moved;
    }

    /// To where each one died: those that are next, and if too many of those can go nowhere, those
    /// behind them that can, queue by queue.
    private int moveHome(Tentative.Target from, QueueState queue, int most) {
        Map<ChannelName, TimeOrder> homes = new TreeMap<>(queue.arrivals().byOrigin());
        homes.keySet().removeIf(name -> homeOf(from, name) == null);
        if (homes.isEmpty()) {
            return 0;
        }
        int moved = moveReady(from, queue, null, most);
        int examined = 0;
        for (Map.Entry<ChannelName, TimeOrder> home : homes.entrySet()) {
            TimeOrder.Walk walk = home.getValue().walk();
            while (walk.isAtOne() && moved < most && examined < Edit.Move.EXAMINED_MAX) {
                long sequence = walk.sequence();
                if (Standing.mayGo(queue, sequence)) {
                    moved += move(from, queue, sequence, homeOf(from, home.getKey()));
                }
                walk.advance();
                examined++;
            }
        }
        return moved;
    }

    private int move(
            Tentative.Target from,
            QueueState queue,
            long sequence,
            Tentative.@Nullable Target target) {
        Location at = queue.locate(sequence);
        KeyHash group = queue.lanes().members().groupKey(at.mark());
        int priority = at.mark().priority();
        return move(from, new Tentative.Own(sequence, at.bytes(), priority, 0, group), target);
    }

    private int move(
            Tentative.Target from, Tentative.Own message, Tentative.@Nullable Target target) {
        long sequence = message.sequence();
        if (target == null || tentative.hasEnded(from, sequence)) {
            return 0;
        }
        tentative.comes(target, from, sequence);
        long there = target.end++;
        entries.add(new Entry.Transferred(from.channel, sequence, target.channel, there));
        from.letGo(message.bytes());
        tentative.end(from, sequence, entries.getLast());
        target.put(
                new Tentative.Own(there, message.bytes(), message.priority(), 0, message.group()));
        return 1;
    }

    private Tentative.@Nullable Target origin(
            Tentative.Target from, QueueState queue, long sequence) {
        Arrival arrival = queue.arrival(sequence);
        if (arrival == null || arrival.cause() == null) {
            return null;
        }
        return homeOf(from, arrival.from());
    }

    private Tentative.@Nullable Target homeOf(Tentative.Target from, ChannelName name) {
        Tentative.Target origin = tentative.queue(name);
        return origin == null || origin.channel == from.channel ? null : origin;
    }

    /// A queue has been declared to be something else: it may have to keep something from now on.
    void keep(Tentative.Target target) {
        boolean keeps = target.definition.keepSettled() != null;
        if (keeps && !target.hasArchive) {
            entries.add(new Entry.ArchiveBegun(target.channel, tentative.nextChannel()));
        }
        target.isArchiveNew |= !keeps || !target.hasArchive;
        target.hasArchive = keeps;
    }

    Effect.Replayed replay(Tentative.Target target, Edit.Replay replay) {
        QueueState queue = state.queue(target.channel);
        QueueState archive = queue == null || target.isArchiveNew ? null : queue.archive;
        if (archive == null) {
            return new Effect.Replayed(0, replay.after(), false);
        }
        int most = Math.min(replay.messages(), Edit.Replay.MESSAGES_MAX);
        long since = Times.millis(replay.since());
        long until = Times.millis(replay.until());
        long after = replay.after();
        long next = archive.next(after);
        int found = 0;
        for (int i = 0; next >= 0 && found < most && i < Edit.Replay.EXAMINED_MAX; i++) {
            Location at = archive.locate(next);
            if (at.stored() >= until) {
                return new Effect.Replayed(found, after, false);
            }
            if (at.stored() >= since) {
                Membership members = archive.lanes().members();
                tentative.comes(target, members.typeKey(at.mark()));
                long sequence = target.end++;
                entries.add(new Entry.Replayed(target.channel, next, sequence));
                KeyHash group = members.groupKey(at.mark());
                int priority = at.mark().priority();
                target.put(new Tentative.Own(sequence, at.bytes(), priority, 0, group));
                found++;
            }
            after = next;
            next = archive.next(next);
        }
        return new Effect.Replayed(found, after, next >= 0);
    }

    /// Why a replay makes no sense, or null if it does.
    static @Nullable Refusal refusalOf(Edit.Replay replay, Tentative.@Nullable Target target) {
        return target != null && target.definition.keepSettled() == null
                ? new Refusal.Invalid(
                        ("%s keeps nothing that was settled. Declare it with keepSettled; what is"
                                        + " settled from then on can be put again.")
                                .formatted(replay.queue()))
                : null;
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
