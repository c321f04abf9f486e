package io.millstream.engine;

import io.millstream.engine.bytes.Output;
import io.millstream.engine.log.Log;
import io.millstream.engine.state.State;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Asks for checkpoints, and lets files be used again and segments go that nothing needs any more.
/// The loop's own.
///
/// What the state no longer needs may be needed again until the frames that say so are durable: a
/// power cut would take the settles back. So what is found now goes when what is known now is
/// durable.
final class Reclaimer {
    private final State state;
    private final Log log;
    private final Background background;
    private final Evacuation evacuation;
    private final Room room;
    private final Backups backups;
    private final long checkpointBytes;
    private final Set<Integer> emptied = new LinkedHashSet<>();
    private long checkpointAsked;

    /// Files before this may be used again once the log is durable up to the other.
    private long freeable;

    private long freeableSince;

    /// Asks for a checkpoint whenever the log has grown by `checkpointBytes`, and when it runs
    /// short.
    Reclaimer(
            State state,
            Log log,
            Background background,
            Evacuation evacuation,
            Room room,
            Backups backups,
            long checkpointBytes) {
        this.state = state;
        this.log = log;
        this.background = background;
        this.evacuation = evacuation;
        this.room = room;
        this.backups = backups;
        this.checkpointBytes = checkpointBytes;
        this.checkpointAsked = background.checkpointed();
    }

    /// Does what can be done between two frames.
    void step() {
        if (log.appender().isOpen()) {
            return;
        }
        backups.step();
        free();
        long end = log.appender().position();
        boolean due = end - checkpointAsked >= checkpointBytes;
        // Another checkpoint of the same log would free nothing more.
        boolean wanted = end != checkpointAsked && room.wantsCheckpoint(neededAt(end));
        if (!background.isStoring() && (due || wanted)) {
            checkpoint();
        }
    }

    /// Asks for a checkpoint of what is known now; none may be on its way, and no frame open.
    void checkpoint() {
        Output out = new Output(1 << 16);
        state.write(out);
        checkpointAsked = log.appender().position();
        background.store(checkpointAsked, out.view());
    }

    /// Frees what a start finds: all that is known then is durable.
    void freeAtStart() {
        log.ring().freeBefore(neededFrom());
    }

    private void free() {
        if (log.writer().durable() < freeableSince) {
            return;
        }
        long freed = Math.min(freeable, evacuation.neededFrom());
        log.ring().freeBefore(backups.holdLog(freed));
        // One that was emptied in the middle of a switch may have been filled again by its end.
        emptied.removeIf(state::needsSegment);
        List<Integer> deletable = emptied.stream().filter(segment -> !isUsed(segment)).toList();
        background.delete(deletable);
        emptied.removeAll(deletable);
        emptied.addAll(state.takeEmptiedSegments());
        emptied.addAll(evacuation.takeUnneeded());
        freeable = neededFrom();
        freeableSince = log.appender().position();
    }

    private boolean isUsed(int segment) {
        return evacuation.uses(segment) || backups.holdsSegment(segment);
    }

    /// The position from which on the log is needed once a checkpoint at `end` is stored.
    private long neededAt(long end) {
        return Math.min(state.oldestNeeded(end), evacuation.neededFrom());
    }

    private long neededFrom() {
        long checkpointed = background.checkpointed();
        // A file that ends where the first needed one begins can go.
        return Math.min(checkpointed, state.oldestNeeded(checkpointed) + 1);
    }
}
