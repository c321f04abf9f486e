package io.millstream.engine;

import io.millstream.engine.io.DiskFullException;
import io.millstream.engine.io.TimeSource;
import io.millstream.engine.log.Log;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/// What is done beside the loop, one bounded step at a time: preparing log files, storing
/// checkpoints, copying what outlives its log file, deleting what nothing needs.
final class Background {
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final Log log;
    private final TimeSource time;
    private final AtomicReference<@Nullable CheckpointJob> storing = new AtomicReference<>();
    private final AtomicReference<@Nullable EvacuationJob> copying = new AtomicReference<>();
    private final Queue<Integer> deletable = new ConcurrentLinkedQueue<>();
    private volatile long checkpointed;
    private volatile long toMove;
    private volatile String shortage = "";
    private volatile boolean diskLow;
    private volatile boolean mayCreate = true;
    private volatile boolean full;
    private volatile @Nullable IOException failure;
    private long retryAt;

    Background(Log log, TimeSource time, long checkpointed) {
        this.log = log;
        this.time = time;
        this.checkpointed = checkpointed;
    }

    /// Whether a checkpoint is on its way.
    boolean isStoring() {
        return storing.get() != null;
    }

    /// Asks for a checkpoint; none may be on its way.
    void store(CheckpointJob job) {
        storing.set(job);
    }

    /// Asks for a copy of unsettled messages; none may be on its way.
    void copy(EvacuationJob job) {
        copying.set(job);
    }

    /// Asks for the removal of segments that nothing needs.
    void delete(Collection<Integer> segments) {
        deletable.addAll(segments);
    }

    /// Says how many bytes would have to be copied if everything needed were to leave the log.
    void mayHaveToMove(long bytes) {
        toMove = bytes;
    }

    /// Whether there is something to do that is not preparing files.
    boolean isAsked() {
        return isStoring() || copying.get() != null || !deletable.isEmpty();
    }

    /// The position of the newest stored checkpoint.
    long checkpointed() {
        return checkpointed;
    }

    /// Whether the log can get more room than it has by preparing files.
    boolean canGrow() {
        return !full && log.ring().canGrow() && (mayCreate || !log.ring().wouldCreate());
    }

    /// Whether the room kept for moving messages is being used, so that publishes are refused.
    boolean isDiskLow() {
        return diskLow;
    }

    /// What is short, in words; empty if nothing is.
    String shortage() {
        return shortage;
    }

    /// What makes going on impossible, or null.
    @Nullable IOException failure() {
        return failure;
    }

    /// Does the next step; blocks for the disk.
    ///
    /// @return whether there was anything to do
    boolean step() {
        if (failure != null || (full && time.nanos() - retryAt < 0)) {
            return false;
        }
        full = false;
        try {
            lookAtDisk();
            // One of each, so that none of them starves the others.
            boolean worked = storeStep();
            worked |= deleteStep();
            worked |= (mayCreate || !log.ring().wouldCreate()) && log.ring().prepareStep();
            worked |= copyStep();
            return worked;
        } catch (DiskFullException noRoom) {
            full = true;
            shortage = String.valueOf(noRoom.getMessage());
            retryAt = time.nanos() + RETRY_NANOS;
            return false;
        } catch (IOException failed) {
            failure = failed;
            return true;
        }
    }

    /// Keeps room for checkpoints, for a merge, and for moving to segments what the log holds:
    /// without it, nothing could be freed, and those who drain would find no room for a note of it.
    /// No further log file is made into that room, and when some of it has been used, nothing is
    /// published until it is back.
    private void lookAtDisk() throws IOException {
        long file = log.ring().format().fileBytes();
        long moving = toMove;
        long left = log.freeBytes() - moving;
        mayCreate = left >= (log.ring().fileCount() < 2 ? (5 * file) / 4 : (13 * file) / 4);
        diskLow = left < (diskLow ? (9 * file) / 4 : 2 * file);
        shortage = diskLow ? lowDisk(left + moving, 2 * file + moving) : "";
    }

    private static String lowDisk(long left, long needed) {
        return ("The disk has %d MiB left, and publishes need %d MiB: what waits in the log may"
                        + " have to be moved. Free some of it, or consume, then send again.")
                .formatted(left >> 20, needed >> 20);
    }

    private boolean deleteStep() throws IOException {
        Integer segment = deletable.poll();
        if (segment == null) {
            return false;
        }
        log.segments().delete(segment);
        return true;
    }

    private boolean copyStep() throws IOException {
        EvacuationJob job = copying.get();
        if (job == null) {
            return false;
        }
        try {
            job.step(log.bytes(), log.segments());
        } catch (DiskFullException full) {
            job.beginAgain();
            throw full;
        }
        if (job.isDone()) {
            copying.set(null);
        }
        return true;
    }

    private boolean storeStep() throws IOException {
        CheckpointJob job = storing.get();
        if (job == null) {
            return false;
        }
        try {
            boolean worked = job.step(log.checkpoints(), log.writer().durable());
            if (job.isDone()) {
                checkpointed = job.position();
                storing.set(null);
            }
            return worked;
        } catch (DiskFullException full) {
            // Its slices are not kept until there is room: the loop begins a new one.
            job.fail();
            storing.set(null);
            throw full;
        }
    }
}
