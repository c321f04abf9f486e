package io.millstream.engine;

import io.millstream.engine.io.DiskFullException;
import io.millstream.engine.io.TimeSource;
import io.millstream.engine.log.Log;
import io.millstream.engine.log.LogRing;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/// What is done beside the loop, one bounded step at a time: preparing log files, storing
/// checkpoints, copying what outlives its log file, deleting what nothing needs.
final class Background {
    private static final long RETRY_NANOS = 1_000_000_000L;

    /// A disk may say that it has no end.
    private static final long FREE_BYTES_COUNTED = 1L << 60;

    private final Log log;
    private final TimeSource time;
    private final AtomicReference<@Nullable CheckpointJob> checkpoint = new AtomicReference<>();
    private final AtomicReference<@Nullable EvacuationJob> copy = new AtomicReference<>();
    private final Queue<Integer> deletable = new ConcurrentLinkedQueue<>();
    private volatile long checkpointed;
    private volatile long toMove;
    private volatile String shortage = "";
    private String lowDisk = "";
    private volatile boolean diskLow;
    private volatile boolean mayGrow = true;
    private volatile @Nullable IOException failure;

    // What needs room on the disk; none of them keeps the others waiting.
    private final Part deleting = new Part(this::deleteStep);
    private final Part storing = new Part(this::storeStep);
    private final Part copying = new Part(this::copyStep);
    private final Part preparing = new Part(() -> ring().prepareStep(mayGrow));

    private interface Attempt {
        boolean step() throws IOException;
    }

    /// Something that the disk may have no room for; then it waits a second before it goes on.
    private final class Part {
        private final Attempt attempt;
        private volatile String full = "";
        private long retryAt;

        Part(Attempt attempt) {
            this.attempt = attempt;
        }

        boolean isFull() {
            return !full.isEmpty();
        }

        boolean step() throws IOException {
            if (isFull() && time.nanos() - retryAt < 0) {
                return false;
            }
            try {
                boolean worked = attempt.step();
                full = "";
                return worked;
            } catch (DiskFullException noRoom) {
                full = String.valueOf(noRoom.getMessage());
                retryAt = time.nanos() + RETRY_NANOS;
                return false;
            }
        }
    }

    Background(Log log, TimeSource time, long checkpointed) {
        this.log = log;
        this.time = time;
        this.checkpointed = checkpointed;
    }

    private LogRing ring() {
        return log.ring();
    }

    /// Whether a checkpoint is on its way.
    boolean isStoring() {
        return checkpoint.get() != null;
    }

    /// Asks for a checkpoint; none may be on its way.
    void store(CheckpointJob job) {
        checkpoint.set(job);
    }

    /// Asks for a copy of unsettled messages; none may be on its way.
    void copy(EvacuationJob job) {
        copy.set(job);
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
        return isStoring() || copy.get() != null || !deletable.isEmpty();
    }

    /// The position of the newest stored checkpoint.
    long checkpointed() {
        return checkpointed;
    }

    /// Whether the log can get more room than it has by preparing files.
    boolean canGrow() {
        return !preparing.isFull() && ring().canGrow() && (mayGrow || !ring().wouldGrow());
    }

    /// Whether the disk had no room for a checkpoint, which waits to be tried again.
    boolean cannotStore() {
        return storing.isFull();
    }

    /// Whether something is under way that makes room in the log, and has room on the disk itself.
    boolean isMakingRoom() {
        return (checkpoint.get() != null && !storing.isFull())
                || (copy.get() != null && !copying.isFull())
                || (!deletable.isEmpty() && !deleting.isFull())
                || canGrow();
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
        if (failure != null) {
            return false;
        }
        try {
            lookAtDisk();
            // One of each, so that none of them starves the others; what makes room goes first.
            boolean worked = deleting.step();
            worked |= copying.step();
            worked |= storing.step();
            worked |= preparing.step();
            shortage = whatIsShort();
            return worked;
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
        long file = ring().format().fileBytes();
        long moving = toMove;
        long left = Math.min(log.freeBytes(), FREE_BYTES_COUNTED) - moving;
        // Nothing can leave a log of one file: a second one may have what is kept for moving.
        long kept = ring().wholeFiles() < 2 ? file / 4 : (9 * file) / 4;
        mayGrow = left >= kept + ring().bytesToPrepare();
        boolean low = left < (diskLow ? (9 * file) / 4 : 2 * file);
        lowDisk = low ? lowDisk(left + moving, 2 * file + moving) : "";
        if (low) {
            // Before it shows that publishes are to be refused.
            shortage = lowDisk;
        }
        diskLow = low;
    }

    private static String lowDisk(long left, long needed) {
        return ("The disk has %d MiB left, and publishes need %d MiB: what waits in the log may"
                        + " have to be moved. Free some of it, or consume, then send again.")
                .formatted(left >> 20, needed >> 20);
    }

    private String whatIsShort() {
        return Stream.of(lowDisk, copying.full, storing.full, preparing.full, deleting.full)
                .filter(reason -> !reason.isEmpty())
                .findFirst()
                .orElse("");
    }

    private boolean deleteStep() throws IOException {
        Integer segment = deletable.peek();
        if (segment == null) {
            return false;
        }
        if (log.segments().deleteSome(segment)) {
            deletable.remove();
        }
        return true;
    }

    private boolean copyStep() throws IOException {
        EvacuationJob job = copy.get();
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
            copy.set(null);
        }
        return true;
    }

    private boolean storeStep() throws IOException {
        CheckpointJob job = checkpoint.get();
        if (job == null) {
            return false;
        }
        try {
            boolean worked = job.step(log.checkpoints(), log.writer().durable());
            if (job.isDone()) {
                checkpointed = job.position();
                checkpoint.set(null);
            }
            return worked;
        } catch (DiskFullException full) {
            // Its slices are not kept until there is room: the loop begins a new one.
            job.fail();
            checkpoint.set(null);
            throw full;
        }
    }
}
