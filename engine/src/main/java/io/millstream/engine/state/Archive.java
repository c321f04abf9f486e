package io.millstream.engine.state;

import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.engine.state.Entry.ArchiveBegun;
import io.millstream.engine.state.Entry.OfArchive;
import io.millstream.engine.state.Entry.Replayed;

import java.util.ArrayList;
import java.util.List;

/// What a queue keeps of its messages that were settled as done, to put them again.
///
/// It is a queue without a name, from which nobody takes, in the order of the settles; a message is
/// as old there as its settle. So all that is done with queues, from segments and snapshots to the
/// age at which messages go, is done with it, too.
public final class Archive {
    private Archive() {}

    /// What the archive of a queue is declared to be.
    private static Definition.Queue definition(Definition.Queue queue) {
        return Definition.Queue.builder(queue.name())
                .groups(Groups.IGNORED)
                .typed(queue.typed())
                .retention(queue.keepSettled())
                .build();
    }

    /// @param position of the entry
    static void apply(State state, OfArchive entry, long position) {
        switch (entry) {
            case ArchiveBegun begun -> begin(state, begun);
            case Replayed replayed -> replay(state, replayed, position);
        }
    }

    private static void begin(State state, ArchiveBegun begun) {
        QueueState queue = state.queueOf(begun.channel());
        QueueState archive =
                state.newQueue(begun.archive(), definition(queue.definition), queue.version);
        archive.archiveOf = begun.channel();
        queue.archive = archive;
        state.byChannel.put(begun.archive(), archive);
    }

    /// What queues lack that are to keep something and do not: a repair gives up what was kept.
    public static List<Entry> missing(State state) {
        List<Entry> begun = new ArrayList<>();
        long channel = state.channels();
        for (QueueState queue = state.queueAfter(0);
                queue != null;
                queue = state.queueAfter(queue.channel())) {
            if (queue.definition.keepSettled() != null && queue.archive == null) {
                begun.add(new ArchiveBegun(queue.channel(), ++channel));
            }
        }
        return begun;
    }

    /// A queue is declared to be what it is now.
    static void defined(State state, QueueState queue) {
        QueueState archive = queue.archive;
        if (archive == null) {
            return;
        }
        if (queue.definition.keepSettled() == null) {
            end(state, queue);
        } else {
            archive.define(definition(queue.definition), queue.version, state.now());
            state.upcoming.changedAll(archive);
        }
    }

    /// How much heap takes what a queue keeps.
    public static long heapBytes(QueueState queue) {
        QueueState archive = queue.archive;
        return archive == null ? 0 : archive.heap().bytes();
    }

    /// How much heap takes what all queues keep.
    public static long heapBytes(State state) {
        return state.byChannel.values().stream().mapToLong(Archive::heapBytes).sum();
    }

    /// All that was kept is gone.
    static void end(State state, QueueState queue) {
        QueueState archive = queue.archive;
        if (archive != null) {
            queue.archive = null;
            state.forget(archive);
        }
    }

    /// All that was kept anywhere is gone.
    static void endAll(State state) {
        for (QueueState queue : List.copyOf(state.byChannel.values())) {
            end(state, queue);
        }
    }

    /// Keeps a message that is about to be removed.
    static void keep(State state, Delivery delivery, QueueState archive) {
        QueueState queue = delivery.queue;
        Location at = queue.locate(delivery.sequence);
        long sequence = archive.end();
        Mark mark = mark(queue, delivery.mark, archive, sequence, state.now());
        Location kept = new Location(at.position(), at.bytes(), state.now(), mark);
        archive.put(sequence, kept, null, Runs.Lying.ANYWHERE, state.now());
        state.live.add(at.position(), 1, at.bytes());
        state.upcoming.ages(archive, state.now());
        state.upcoming.changed(archive);
    }

    private static void replay(State state, Replayed replayed, long position) {
        QueueState queue = state.queueOf(replayed.channel());
        QueueState archive =
                Invariant.present(queue.archive, "Channel %d keeps nothing", replayed.channel());
        Location at = archive.locate(replayed.kept());
        long sequence = replayed.sequence();
        Mark mark = mark(archive, at.mark(), queue, sequence, state.now());
        Arrival arrival = Arrival.moved(queue.definition.name(), state.now(), position);
        Location again = new Location(at.position(), at.bytes(), state.now(), mark);
        queue.put(sequence, again, arrival, Runs.Lying.ALONE, state.now());
        state.live.add(at.position(), 1, at.bytes());
        state.upcoming.ages(queue, state.now());
        state.upcoming.changed(queue);
    }

    private static Mark mark(
            QueueState source, Mark mark, QueueState target, long sequence, long now) {
        Membership members = source.lanes().members();
        return target.lanes()
                .members()
                .mark(
                        members.groupKey(mark),
                        members.typeKey(mark),
                        mark.priority(),
                        sequence,
                        now);
    }
}
