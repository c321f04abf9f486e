package io.millstream.engine;

import io.millstream.engine.log.Log;
import io.millstream.engine.position.Positions;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.RunCopy;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Moves what outlives the first generation: when the ring is half in use, the unsettled messages
/// of its oldest file are copied to a segment, and the file can be used again; when segments have
/// become sparse, what is left of them is copied together. The loop's own.
///
/// One evacuation at a time, in four phases: *plan* (find the runs that lie in the source, a slice
/// of the queues a turn), *copy* (in the background), *switch* (entries that say where the runs lie
/// now), and then the source is empty. Messages that were settled meanwhile are skipped by the
/// switch; messages that were dead-lettered into a queue that had been planned already are found by
/// the next evacuation.
final class Evacuation {
    private static final int RUNS_PER_TURN = 2048;
    private static final int PARTS_PER_ENTRY = 256;
    private static final int SPARSE_SEGMENTS = 8;
    private static final long NONE = -1;

    private final State state;
    private final Log log;
    private final Journal journal;
    private final Background background;
    private final Set<Integer> unneeded = new LinkedHashSet<>();
    private int segments;
    private long lookedAt = NONE;

    // While one runs: what is emptied, how far the plan has come, how far the switch has.
    private long sourceFile = NONE;
    private final Set<Integer> sourceSegments = new LinkedHashSet<>();
    private final List<RunCopy> plan = new ArrayList<>();
    private long planChannel;
    private long planFrom;
    private @Nullable EvacuationJob job;
    private int switched;

    /// Continues numbering after `lastSegment`.
    Evacuation(State state, Log log, Journal journal, Background background, int lastSegment) {
        this.state = state;
        this.log = log;
        this.journal = journal;
        this.background = background;
        this.segments = lastSegment;
    }

    /// The position from which on the log must be kept for what is being copied.
    long neededFrom() {
        return sourceFile == NONE ? Long.MAX_VALUE : sourceFile;
    }

    /// Whether a segment is being copied from, or to.
    boolean uses(int segment) {
        EvacuationJob running = job;
        return sourceSegments.contains(segment)
                || (running != null && running.segment() == segment);
    }

    private boolean isIdle() {
        return sourceFile == NONE && sourceSegments.isEmpty();
    }

    /// Does the next bit.
    ///
    /// @return whether there was anything to do
    boolean step() {
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

    /// Segments of which nothing was needed any more by the time they were written; told once. They
    /// may go when what is known now is durable.
    Set<Integer> takeUnneeded() {
        Set<Integer> taken = Set.copyOf(unneeded);
        unneeded.clear();
        return taken;
    }

    private boolean begin() {
        // Nothing new can have to move while the log stands still.
        if (log.appender().position() == lookedAt) {
            return false;
        }
        lookedAt = log.appender().position();
        boolean halfFull = log.ring().usedFiles() > log.ring().filesMax() / 2;
        // On a disk that is almost full a segment takes room as well as it makes some: only if it
        // must.
        boolean isShort = log.appender().roomBytes() < log.ring().format().fileBytes();
        boolean inNeed = isShort && !background.canGrow();
        if (inNeed || (halfFull && !background.isDiskLow())) {
            long oldest = state.oldestNeeded(Long.MAX_VALUE);
            if (log.ring().isFull(oldest)) {
                sourceFile = oldest;
            }
        }
        if (sourceFile == NONE) {
            chooseSparse();
        }
        planChannel = 0;
        planFrom = 0;
        return !isIdle();
    }

    /// Segments of which less than half of a log file's size is needed, if there are many, emptiest
    /// first.
    private void chooseSparse() {
        int fileBytes = log.ring().format().fileBytes();
        List<Map.Entry<Integer, Long>> sparse =
                state.segments().entrySet().stream()
                        .filter(segment -> segment.getValue() < fileBytes / 2)
                        .sorted(Map.Entry.comparingByValue())
                        .toList();
        if (sparse.size() < SPARSE_SEGMENTS) {
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
    }

    private void planStep() {
        for (int runs = 0; runs < RUNS_PER_TURN; runs++) {
            QueueState queue = state.queue(planChannel);
            RunCopy run = queue == null ? null : queue.runFrom(planFrom);
            if (run != null) {
                planFrom = run.first() + 1;
                if (isSource(run.position()) && run.copied() != 0) {
                    plan.add(run);
                }
                continue;
            }
            QueueState next = state.queueAfter(planChannel);
            if (next == null) {
                copy();
                return;
            }
            planChannel = next.channel();
            planFrom = 0;
        }
    }

    private boolean isSource(long position) {
        if (Positions.isInSegment(position)) {
            return sourceSegments.contains(Positions.segmentOf(position));
        }
        return sourceFile != NONE
                && position >= sourceFile
                && position < sourceFile + log.ring().format().fileBytes();
    }

    private void copy() {
        if (plan.isEmpty()) {
            finish();
            return;
        }
        EvacuationJob begun = new EvacuationJob(List.copyOf(plan), ++segments);
        job = begun;
        switched = 0;
        background.copy(begun);
    }

    private boolean switchStep(EvacuationJob running) {
        if (!running.isDone()) {
            return false;
        }
        while (switched < running.plan().size()) {
            long channel = running.plan().get(switched).channel();
            List<Entry.Evacuated.Part> parts = new ArrayList<>();
            int next = switched;
            while (next < running.plan().size()
                    && running.plan().get(next).channel() == channel
                    && parts.size() < PARTS_PER_ENTRY) {
                RunCopy run = running.plan().get(next);
                parts.add(
                        new Entry.Evacuated.Part(
                                run.first(), running.positionOf(next), run.copied()));
                next++;
            }
            if (!journal.storeFromReserve(List.of(new Entry.Evacuated(channel, parts)))) {
                return switched > 0;
            }
            switched = next;
        }
        if (!state.needsSegment(running.segment())) {
            unneeded.add(running.segment());
        }
        finish();
        return true;
    }

    private void finish() {
        sourceFile = NONE;
        sourceSegments.clear();
        plan.clear();
        job = null;
    }
}
