package io.millstream.engine;

import io.millstream.engine.log.Log;
import io.millstream.engine.position.Positions;
import io.millstream.engine.state.Copy;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.ExtentCopy;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.RunCopy;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Moves what outlives the first generation: when the ring is half in use, the unsettled messages
/// of its oldest file are copied to a segment, and the file can be used again; when segments have
/// become sparse, what is left of them is copied together; and when the heap is short, the batches
/// of topics are copied together wherever they lie. The loop's own.
///
/// One evacuation at a time, in four phases: *plan* (find the runs that lie in the source, a slice
/// of the queues a turn), *copy* (in the background), *switch* (entries that say where the runs lie
/// now), and then the source is empty. Messages that were settled meanwhile are skipped by the
/// switch; messages that were dead-lettered into a queue that had been planned already are found by
/// the next evacuation.
final class Evacuation {
    private static final int RUNS_PER_TURN = 2048;
    private static final int PARTS_PER_ENTRY = 256;
    private static final int MERGED_MIN = 2;
    private static final int PARTS_OF_LAST_FILE = 4;

    /// What an entry of the switch takes for a stretch, at most.
    private static final int PART_BYTES_MAX = 48;

    private static final long NONE = -1;

    private final EvacuationPolicy policy;
    private final State state;
    private final Log log;
    private final Journal journal;
    private final Background background;
    private final HeapRoom heap;

    /// The switch must have room in the log's reserve: what is too much for one move out of the log
    /// is left to the next.
    private final int plannedMax;

    private final Set<Integer> unneeded = new LinkedHashSet<>();
    private int segments;

    // What there was at the last look for something to move.
    private long lookedAt = NONE;
    private boolean wasInNeed;
    private boolean wasDiskLow;

    /// The topics' batches before this have been moved, though the log's last file holds them.
    private long movedBefore;

    // While one runs: what is emptied, how far the plan has come, how far the switch has.
    private long sourceFrom = NONE;
    private long sourceEnd;
    private final Set<Integer> sourceSegments = new LinkedHashSet<>();
    private final List<Copy> plan = new ArrayList<>();
    private long planChannel;
    private long planFrom;
    private boolean planTopics;
    private int planPartition;
    private @Nullable EvacuationJob job;
    private int switched;
    private long switchedBytes;

    /// Continues numbering after the last segment that is known.
    Evacuation(
            EvacuationPolicy policy,
            State state,
            Log log,
            Journal journal,
            Background background,
            HeapRoom heap) {
        this.policy = policy;
        this.state = state;
        this.log = log;
        this.journal = journal;
        this.background = background;
        this.heap = heap;
        this.segments = state.lastSegment();
        this.plannedMax = Math.toIntExact(log.reserveBytes() / 2 / PART_BYTES_MAX);
        background.mayHaveToMove(state.bytesInLog());
    }

    /// The position from which on the log must be kept for what is being copied.
    long neededFrom() {
        return sourceFrom == NONE ? Long.MAX_VALUE : sourceFrom;
    }

    /// Whether a segment is being copied from, or to.
    boolean uses(int segment) {
        EvacuationJob running = job;
        return sourceSegments.contains(segment)
                || (running != null && running.segment() == segment);
    }

    private boolean isIdle() {
        return sourceFrom == NONE && sourceSegments.isEmpty();
    }

    /// Does the next bit.
    ///
    /// @return whether there was anything to do
    boolean step() {
        background.mayHaveToMove(state.bytesInLog() - copiedBytes());
        EvacuationJob running = job;
        if (running != null) {
            return switchStep(running);
        }
        if (isIdle() && !begin()) {
            return false;
        }
        planStep();
        return true;
    }

    /// How much of the disk is taken twice: by what has been copied, and still lies at the old
    /// place as well.
    private long copiedBytes() {
        EvacuationJob running = job;
        return running == null ? 0 : Math.max(0, running.written() - switchedBytes);
    }

    /// Segments of which nothing was needed any more by the time they were written; told once. They
    /// may go when what is known now is durable.
    Set<Integer> takeUnneeded() {
        Set<Integer> taken = Set.copyOf(unneeded);
        unneeded.clear();
        return taken;
    }

    private boolean begin() {
        // On a disk that is almost full a segment takes room as well as it makes some: only if it
        // must.
        boolean isShort = log.appender().roomBytes() < log.ring().format().fileBytes();
        boolean inNeed = isShort && !background.canGrow();
        boolean diskLow = background.isDiskLow();
        if (!isNew(inNeed, diskLow)) {
            return false;
        }
        planChannel = 0;
        planFrom = 0;
        planTopics = false;
        boolean due = policy.isDue(log.ring().usedFiles(), log.ring().filesMax());
        // A topic's small batches take less heap in a segment, where they follow each other.
        boolean wanted = due || heap.wantsMoving();
        if (inNeed || (wanted && !diskLow)) {
            chooseOldest();
        }
        if (sourceFrom == NONE) {
            chooseSparse();
        }
        return !isIdle();
    }

    /// Whether there may be something to move that was not there at the last look: while the log
    /// stands still, only the need can be new.
    private boolean isNew(boolean inNeed, boolean diskLow) {
        long position = log.appender().position();
        boolean isNew = position != lookedAt || inNeed != wasInNeed || diskLow != wasDiskLow;
        lookedAt = position;
        wasInNeed = inNeed;
        wasDiskLow = diskLow;
        return isNew;
    }

    /// The oldest file, or for the sake of the heap the topics' batches in the one that the log is
    /// still in.
    private void chooseOldest() {
        long oldest = state.oldestNeeded(Long.MAX_VALUE);
        int fileBytes = log.ring().format().fileBytes();
        long durable = log.writer().durable();
        if (log.ring().isFull(oldest)) {
            if (durable <= oldest + fileBytes) {
                // Its last frame may not be written yet, and is not to be read before it is.
                lookedAt = NONE;
                return;
            }
            sourceFrom = oldest;
            sourceEnd = oldest + fileBytes;
        } else if (heap.wantsMoving()) {
            long from = Math.max(oldest, movedBefore);
            if (durable - from >= fileBytes / PARTS_OF_LAST_FILE) {
                sourceFrom = from;
                sourceEnd = durable;
                movedBefore = durable;
                planTopics = true;
            }
        }
    }

    /// Segments of which little is needed, if there are many, emptiest first: at least two, so that
    /// there are fewer afterwards, and no more than fits into one.
    private void chooseSparse() {
        int fileBytes = log.ring().format().fileBytes();
        List<Map.Entry<Integer, Long>> sparse =
                state.segments().entrySet().stream()
                        .filter(segment -> policy.isSparse(segment.getValue(), fileBytes))
                        .sorted(Map.Entry.comparingByValue())
                        .toList();
        if (sparse.size() < policy.sparseSegments()) {
            return;
        }
        long bytes = 0;
        for (Map.Entry<Integer, Long> segment : sparse) {
            bytes += segment.getValue();
            if (bytes > fileBytes) {
                break;
            }
            sourceSegments.add(segment.getKey());
        }
        if (sourceSegments.size() < MERGED_MIN) {
            sourceSegments.clear();
        }
    }

    private void planStep() {
        for (int looks = 0; looks < RUNS_PER_TURN; looks++) {
            if (sourceFrom != NONE && plan.size() >= plannedMax) {
                // The next one begins at the same place.
                movedBefore = sourceFrom;
                copy();
                return;
            }
            if (planTopics) {
                if (!planExtent()) {
                    copy();
                    return;
                }
            } else if (!planRun()) {
                planTopics = true;
                planChannel = 0;
            }
        }
    }

    /// Looks at the next run of a queue; false if there is none.
    private boolean planRun() {
        QueueState queue = state.queue(planChannel);
        RunCopy run = queue == null ? null : queue.runFrom(planFrom);
        if (run != null) {
            planFrom = run.first() + 1;
            if (isSource(run.position()) && run.copied() != 0) {
                plan.add(run);
            }
            return true;
        }
        QueueState next = state.queueAfter(planChannel);
        if (next == null) {
            return false;
        }
        planChannel = next.channel();
        planFrom = 0;
        return true;
    }

    /// Looks at the next extent of a topic; false if there is none.
    private boolean planExtent() {
        TopicState topic = state.topics().topic(planChannel);
        if (topic != null && planPartition < topic.partitions().size()) {
            Extent extent = topic.partitions().get(planPartition).extentFrom(planFrom);
            if (extent == null) {
                planPartition++;
                planFrom = 0;
                return true;
            }
            planFrom = extent.end();
            if (isSource(extent.position())) {
                plan.add(
                        new ExtentCopy(
                                planChannel,
                                planPartition,
                                extent.first(),
                                extent.position(),
                                extent.bytes()));
            }
            return true;
        }
        TopicState next = state.topics().topicAfter(planChannel);
        if (next == null) {
            return false;
        }
        planChannel = next.channel();
        planPartition = 0;
        planFrom = 0;
        return true;
    }

    private boolean isSource(long position) {
        if (Positions.isInSegment(position)) {
            return sourceSegments.contains(Positions.segmentOf(position));
        }
        return sourceFrom != NONE && position >= sourceFrom && position < sourceEnd;
    }

    private void copy() {
        if (plan.isEmpty()) {
            finish();
            return;
        }
        EvacuationJob begun =
                new EvacuationJob(List.copyOf(plan), ++segments, log.ring().format().stepBytes());
        job = begun;
        switched = 0;
        switchedBytes = 0;
        background.copy(begun);
    }

    private boolean switchStep(EvacuationJob running) {
        if (!running.isDone()) {
            return false;
        }
        int before = switched;
        while (switched < running.plan().size()) {
            int next = switched + 1;
            Copy first = running.plan().get(switched);
            while (next < running.plan().size()
                    && running.plan().get(next).belongsWith(first)
                    && next - switched < PARTS_PER_ENTRY) {
                next++;
            }
            if (!store(moved(running, first, next))) {
                if (sourceFrom == NONE && journal.lacksRoom()) {
                    // What is merged is merged; the log must be able to move.
                    break;
                }
                return switched > before;
            }
            for (; switched < next; switched++) {
                switchedBytes += running.plan().get(switched).bytes();
            }
        }
        if (!state.needsSegment(running.segment())) {
            unneeded.add(running.segment());
        }
        finish();
        return true;
    }

    /// A merge frees no log file, and so leaves the room for what does.
    private boolean store(Entry moved) {
        List<Entry> entries = List.of(moved);
        return sourceFrom == NONE
                ? journal.storeFromHalfReserve(entries)
                : journal.storeFromReserve(entries);
    }

    /// Says of the stretches from the last one that was switched up to `end`, which belong
    /// together, where they lie now.
    private Entry moved(EvacuationJob running, Copy first, int end) {
        return switch (first) {
            case RunCopy run -> {
                List<Entry.Evacuated.Part> parts = new ArrayList<>();
                for (int i = switched; i < end; i++) {
                    if (running.plan().get(i) instanceof RunCopy copy) {
                        parts.add(
                                new Entry.Evacuated.Part(
                                        copy.first(), running.positionOf(i), copy.copied()));
                    }
                }
                yield new Entry.Evacuated(run.channel(), parts);
            }
            case ExtentCopy extent -> {
                List<Entry.ExtentsMoved.Place> parts = new ArrayList<>();
                for (int i = switched; i < end; i++) {
                    if (running.plan().get(i) instanceof ExtentCopy copy) {
                        parts.add(
                                new Entry.ExtentsMoved.Place(copy.first(), running.positionOf(i)));
                    }
                }
                yield new Entry.ExtentsMoved(extent.channel(), extent.partition(), parts);
            }
        };
    }

    private void finish() {
        sourceFrom = NONE;
        sourceSegments.clear();
        plan.clear();
        job = null;
    }
}
