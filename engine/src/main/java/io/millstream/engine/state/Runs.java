package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// Where a queue's messages lie: runs of entries that follow each other both in the queue and in
/// the log.
///
/// A run whose messages are all settled is dropped, wherever in the queue it is, so that one old
/// message costs one run.
final class Runs {
    private static final int RUN_MESSAGES_MAX = 64;

    private final TreeMap<Long, Run> byFirst = new TreeMap<>();
    private @Nullable Run last;

    void add(long sequence, long position, int bytes, long stored) {
        Run run = last;
        if (run == null || !run.continuesWith(sequence, position, stored)) {
            run = new Run(sequence, position, stored);
            byFirst.put(sequence, run);
            last = run;
        }
        run.append(bytes);
    }

    Location locate(long sequence) {
        return runOf(sequence).locate(sequence);
    }

    Location remove(long sequence) {
        Run run = runOf(sequence);
        Location location = run.locate(sequence);
        run.live--;
        if (run.live == 0) {
            byFirst.remove(run.first);
            if (run == last) {
                last = null;
            }
        }
        return location;
    }

    void clear() {
        byFirst.clear();
        last = null;
    }

    /// The smallest sequence after `sequence` that lies in a run, or -1; it may be settled.
    long next(long sequence) {
        Map.Entry<Long, Run> floor = byFirst.floorEntry(sequence + 1);
        if (floor != null && sequence + 1 < floor.getValue().end()) {
            return sequence + 1;
        }
        Long higher = byFirst.higherKey(sequence);
        return higher == null ? -1 : higher;
    }

    /// Tells of each run where it lies and how many of its messages are unsettled.
    void forEachLive(LiveVisitor visitor) {
        byFirst.values().forEach(run -> visitor.visit(run.position, run.live));
    }

    /// See [#forEachLive].
    interface LiveVisitor {
        void visit(long position, int live);
    }

    private Run runOf(long sequence) {
        Run newest = last;
        if (newest != null && sequence >= newest.first) {
            Invariant.check(sequence < newest.end(), "Message %d lies in no run", sequence);
            return newest;
        }
        Map.Entry<Long, Run> floor = byFirst.floorEntry(sequence);
        Invariant.check(
                floor != null && sequence < floor.getValue().end(),
                "Message %d lies in no run",
                sequence);
        return floor.getValue();
    }

    void write(Output out) {
        out.varint(byFirst.size());
        for (Run run : byFirst.values()) {
            out.varint(run.first);
            out.varint(run.position);
            out.varint(run.stored);
            out.varint(run.live);
            out.varint(run.count);
            for (int i = 0; i < run.count; i++) {
                out.varint(run.ends[i]);
            }
        }
    }

    static Runs read(Input in) {
        Runs runs = new Runs();
        int size = in.size();
        for (int r = 0; r < size; r++) {
            Run run = new Run(in.varint(), in.varint(), in.varint());
            run.live = in.intValue();
            run.count = in.size();
            run.ends = new int[run.count];
            for (int i = 0; i < run.count; i++) {
                run.ends[i] = in.intValue();
            }
            runs.byFirst.put(run.first, run);
        }
        return runs;
    }

    private static final class Run {
        private final long first;
        private final long position;
        private final long stored;
        private int count;
        private int live;

        /// Where each entry ends, counted from the run's position.
        private int[] ends = new int[1];

        Run(long first, long position, long stored) {
            this.first = first;
            this.position = position;
            this.stored = stored;
        }

        long end() {
            return first + count;
        }

        boolean continuesWith(long sequence, long next, long storedThen) {
            return count < RUN_MESSAGES_MAX
                    && sequence == end()
                    && next == position + start(count)
                    && storedThen == stored;
        }

        void append(int bytes) {
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, Math.min(RUN_MESSAGES_MAX, count * 4));
            }
            ends[count] = start(count) + bytes;
            count++;
            live++;
        }

        Location locate(long sequence) {
            int index = (int) (sequence - first);
            int start = start(index);
            return new Location(position + start, ends[index] - start, stored);
        }

        private int start(int index) {
            return index == 0 ? 0 : ends[index - 1];
        }
    }
}
