package io.millstream.testkit.memory;

import io.millstream.api.ChannelName;
import io.millstream.api.Lifecycle;
import io.millstream.api.Operation.Edit;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Via;
import io.millstream.testkit.memory.Commits.Step;

import org.jspecify.annotations.Nullable;

/// Drops and moves messages that nobody holds. Guarded by the backend's lock.
final class Moves {

    private final Store store;

    Moves(Store store) {
        this.store = store;
    }

    Step purge(Edit.Purge purge) {
        MemoryQueue queue = store.queue(purge.queue());
        if (queue == null) return Step.refused(new Refusal.NoSuchChannel(purge.queue()));
        queue.telling().purged(queue.end());
        return Step.did(new Effect.Edited(queue.clear()));
    }

    Step drop(Edit.Drop drop) {
        MemoryQueue queue = store.queue(drop.queue());
        if (queue == null) return Step.refused(new Refusal.NoSuchChannel(drop.queue()));
        Entry entry = queue.entry(drop.sequence());
        if (entry == null || entry.isLeased()) {
            return drop.ifHeld() == Edit.IfHeld.PASS
                    ? Step.did(new Effect.Edited(0))
                    : Step.refused(drop.refusal());
        }
        queue.drop(entry);
        return Step.did(new Effect.Edited(1));
    }

    Step replay(Edit.Replay replay) {
        MemoryQueue queue = store.queue(replay.queue());
        if (queue == null) return Step.refused(new Refusal.NoSuchChannel(replay.queue()));
        if (queue.declared().definition().keepSettled() == null) {
            return Step.refused(
                    new Refusal.Invalid(
                            replay.queue()
                                    + " keeps nothing that was settled. Declare it with"
                                    + " keepSettled; what is settled from then on can be put"
                                    + " again."));
        }
        return Step.did(queue.kept().replay(replay));
    }

    Step move(Edit.Move move) {
        MemoryQueue from = store.queue(move.from());
        if (from == null) return Step.refused(new Refusal.NoSuchChannel(move.from()));
        if (move.from().equals(move.to())) {
            return Step.refused(
                    new Refusal.Invalid(
                            "Messages of " + move.from() + " are there. Name another queue."));
        }
        if (move.to() != null && store.queue(move.to()) == null) {
            return Step.refused(new Refusal.NoSuchChannel(move.to()));
        }
        int moved = 0;
        for (Entry entry : from.inHandOutOrder()) {
            if (moved >= move.messages()) break;
            MemoryQueue to = target(entry, move.to());
            if (to == null || to == from) continue;
            from.replace(entry.sequence(), null);
            Lifecycle.Place place = from.telling().place(entry.sequence());
            long sequence = to.putMoved(entry.message(), from.notedType(entry), place);
            from.telling().goes(entry.sequence(), to.telling().place(sequence));
            moved++;
        }
        return Step.did(new Effect.Edited(moved));
    }

    /// Where it goes: as was said, or where it died, if that is still there.
    private @Nullable MemoryQueue target(Entry entry, @Nullable ChannelName to) {
        if (to != null) return store.queue(to);
        return entry.origin().via() instanceof Via.DeadLettered dead
                ? store.queue(dead.from())
                : null;
    }
}
