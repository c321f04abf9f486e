package io.millstream.engine;

import io.millstream.engine.log.Log;
import io.millstream.engine.state.Snapshot;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

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
    private final int sliceBytes;
    private final Set<Integer> emptied = new LinkedHashSet<>();
    private long checkpointAsked;

    // A checkpoint that is on its way, and what of it is still to be written down.
    private @Nullable Snapshot snapshot;
    private @Nullable CheckpointJob storing;

    /// Files before this may be used again once the log is durable up to the other.
    private long freeable;

    private long freeableSince;

    /// Asks for a checkpoint whenever the log has grown by so much as the options say, and when it
    /// runs short.
    Reclaimer(
            State state,
            Log log,
            Background background,
            Evacuation evacuation,
            Room room,
            Backups backups,
            EngineOptions options) {
        this.state = state;
        this.log = log;
        this.background = background;
        this.evacuation = evacuation;
        this.room = room;
        this.backups = backups;
        this.checkpointBytes = options.checkpointBytes();
        this.sliceBytes = options.sliceBytes();
        this.checkpointAsked = background.checkpointed();
    }

    /// Goes on with a checkpoint or a backup by one slice, and does what can be done between two
    /// frames.
    ///
    /// @return whether one of them went on, or there may be more room now than before
    boolean step() {
        boolean worked = sliceStep();
        worked |= backups.sliceStep();
        if (log.appender().isOpen()) {
            return worked;
        }
        backups.step();
        worked |= free();
        long end = log.appender().position();
        boolean due = end - checkpointAsked >= checkpointBytes;
        // Another checkpoint of the same log would free nothing more.
        boolean wanted = end != checkpointAsked && room.wantsCheckpoint(neededAt(end));
        if ((due || wanted) && mayCheckpoint()) {
            checkpoint();
            return true;
        }
        return worked;
    }

    /// Whether no checkpoint is on its way, and no backup writes down what is known.
    boolean mayCheckpoint() {
        return !background.isStoring() && !state.isBeingWritten();
    }

    /// Begins a checkpoint of what is known now, if [#mayCheckpoint]; no frame may be open.
    void checkpoint() {
        checkpointAsked = log.appender().position();
        CheckpointJob begun = new CheckpointJob(checkpointAsked);
        snapshot = state.beginSnapshot(sliceBytes);
        storing = begun;
        background.store(begun);
    }

    private boolean sliceStep() {
        CheckpointJob job = storing;
        if (job == null) {
            return false;
        }
        if (job.isFailed()) {
            giveUp();
            return true;
        }
        Snapshot taken = snapshot;
        if (taken == null) {
            return false;
        }
        boolean goesOn = job.wantsMore();
        if (goesOn) {
            taken.advance();
        }
        taken.drainTo(job::offer);
        // Where publishes, and takes, are about to wait for this, it goes first.
        while (!taken.isDone() && job.wantsMore() && room.isShort()) {
            taken.advance();
            taken.drainTo(job::offer);
        }
        if (taken.isDone()) {
            job.complete();
            snapshot = null;
        }
        return goesOn;
    }

    private void giveUp() {
        if (snapshot != null) {
            snapshot.abandon();
        }
        snapshot = null;
        storing = null;
        checkpointAsked = background.checkpointed();
    }

    /// Frees what a start finds: all that is known then is durable.
    void freeAtStart() {
        log.ring().freeBefore(neededFrom());
    }

    /// @return whether files went, or can go next
    private boolean free() {
        if (log.writer().durable() < freeableSince) {
            return false;
        }
        int files = log.ring().usedFiles();
        long freed = Math.min(freeable, endOfWhatMayGo(evacuation.neededFrom()));
        log.ring().freeBefore(backups.holdLog(freed, room.isShort()));
        // One that was emptied in the middle of a switch may have been filled again by its end.
        emptied.removeIf(state::needsSegment);
        List<Integer> deletable = emptied.stream().filter(segment -> !isUsed(segment)).toList();
        background.delete(deletable);
        emptied.removeAll(deletable);
        emptied.addAll(state.takeEmptiedSegments());
        emptied.addAll(evacuation.takeUnneeded());
        long found = neededFrom();
        boolean worked = found > freeable || log.ring().usedFiles() < files || !deletable.isEmpty();
        freeable = found;
        freeableSince = log.appender().position();
        return worked;
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
        return Math.min(checkpointed, endOfWhatMayGo(state.oldestNeeded(checkpointed)));
    }

    /// A file that ends where the first needed one begins can go.
    private static long endOfWhatMayGo(long needed) {
        return needed == Long.MAX_VALUE ? needed : needed + 1;
    }
}
