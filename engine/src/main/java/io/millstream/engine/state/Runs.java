package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// Where a queue's messages lie: runs of entries that follow each other both in the queue and on
/// the disk.
///
/// A run whose messages are all settled is dropped, wherever in the queue it is, so that one old
/// message costs one run. A run is moved to a segment as a whole, without the messages that were
/// settled by then.
final class Runs {
    /// So that one bit of a long can stand for each message of a run.
    static final int RUN_MESSAGES_MAX = Long.SIZE;

    private final TreeMap<Long, Run> byFirst = new TreeMap<>();
    private @Nullable Run last;

    void add(long sequence, Location at) {
        Run run = last;
        if (run == null || !run.continuesWith(sequence, at)) {
            run = new Run(sequence, at.position(), at.stored());
            byFirst.put(sequence, run);
            last = run;
        }
        run.append(at.bytes());
    }

    /// Adds a message that lies where another queue had put it. Its run never grows: the file it is
    /// in may be on its way to a segment, with what the run holds now.
    void addAlone(long sequence, Location at) {
        last = null;
        add(sequence, at);
        last = null;
    }

    Location locate(long sequence) {
        return runOf(sequence).locate(sequence);
    }

    /// Whether a message is there that was never handed out; one that was may be settled.
    boolean covers(long sequence) {
        Map.Entry<Long, Run> floor = byFirst.floorEntry(sequence);
        return floor != null && sequence < floor.getValue().end();
    }

    /// Takes a whole run out.
    void drop(Run run) {
        byFirst.remove(run.first);
        if (run == last) {
            last = null;
        }
    }

    Location remove(long sequence) {
        Run run = runOf(sequence);
        Location location = run.locate(sequence);
        run.live--;
        run.liveBytes -= location.bytes();
        if (run.live == 0) {
            drop(run);
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

    /// The run that begins at `first`, or null if it is gone.
    @Nullable Run run(long first) {
        return byFirst.get(first);
    }

    /// The first run that begins at `from` or after it, or null.
    @Nullable Run runFrom(long from) {
        Map.Entry<Long, Run> entry = byFirst.ceilingEntry(from);
        return entry == null ? null : entry.getValue();
    }

    /// A run's messages lie elsewhere now: those of `copied`, one after the other from `position`
    /// on.
    void move(Run run, long position, long copied) {
        Run moved = run.movedTo(position, copied);
        byFirst.put(run.first, moved);
        if (run == last) {
            last = null;
        }
    }

    Iterable<Run> all() {
        return byFirst.values();
    }

    /// The run that a message lies in, which must be there.
    Run runOf(long sequence) {
        Run newest = last;
        if (newest != null && sequence >= newest.first) {
            Invariant.check(sequence < newest.end(), "Message %d lies in no run", sequence);
            return newest;
        }
        Map.Entry<Long, Run> floor = byFirst.floorEntry(sequence);
        Run run = Invariant.present(floor, "Message %d lies in no run", sequence).getValue();
        Invariant.check(sequence < run.end(), "Message %d lies in no run", sequence);
        return run;
    }

    void write(Output out) {
        out.varint(byFirst.size());
        byFirst.values().forEach(run -> run.write(out));
    }

    static Runs read(Input in) {
        Runs runs = new Runs();
        int size = in.size();
        for (int r = 0; r < size; r++) {
            Run run = Run.read(in);
            runs.byFirst.put(run.first, run);
        }
        return runs;
    }

    /// Messages that follow each other.
    static final class Run {
        private final long first;
        private final long position;
        private final long stored;
        private int count;
        private int live;
        private int liveBytes;

        /// Where each entry ends, counted from the run's position.
        private int[] ends = new int[1];

        private Run(long first, long position, long stored) {
            this.first = first;
            this.position = position;
            this.stored = stored;
        }

        long first() {
            return first;
        }

        long position() {
            return position;
        }

        /// When its messages were stored, in milliseconds since 1970.
        long stored() {
            return stored;
        }

        int count() {
            return count;
        }

        int live() {
            return live;
        }

        int liveBytes() {
            return liveBytes;
        }

        /// Where the entries begin, counted from the run's position, and where the last one ends.
        int[] bounds() {
            int[] bounds = new int[count + 1];
            System.arraycopy(ends, 0, bounds, 1, count);
            return bounds;
        }

        /// The sequence after its last message's.
        long end() {
            return first + count;
        }

        private boolean continuesWith(long sequence, Location at) {
            return count < RUN_MESSAGES_MAX
                    && sequence == end()
                    && at.position() == position + start(count)
                    && at.stored() == stored;
        }

        private void append(int bytes) {
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, Math.min(RUN_MESSAGES_MAX, count * 4));
            }
            ends[count] = start(count) + bytes;
            count++;
            live++;
            liveBytes += bytes;
        }

        private Location locate(long sequence) {
            int index = (int) (sequence - first);
            int start = start(index);
            return new Location(position + start, ends[index] - start, stored);
        }

        private Run movedTo(long newPosition, long copied) {
            Run moved = new Run(first, newPosition, stored);
            moved.count = count;
            moved.live = live;
            moved.liveBytes = liveBytes;
            moved.ends = new int[count];
            int end = 0;
            for (int i = 0; i < count; i++) {
                if ((copied & (1L << i)) != 0) {
                    end += ends[i] - start(i);
                }
                moved.ends[i] = end;
            }
            return moved;
        }

        private int start(int index) {
            return index == 0 ? 0 : ends[index - 1];
        }

        private void write(Output out) {
            out.varint(first);
            out.varint(position);
            out.varint(stored);
            out.varint(live);
            out.varint(liveBytes);
            out.varint(count);
            for (int i = 0; i < count; i++) {
                out.varint((long) ends[i] - start(i));
            }
        }

        private static Run read(Input in) {
            Run run = new Run(in.varint(), in.varint(), in.varint());
            run.live = in.intValue();
            run.liveBytes = in.intValue();
            run.count = in.size();
            run.ends = new int[run.count];
            for (int i = 0; i < run.count; i++) {
                run.ends[i] = run.start(i) + in.intValue();
            }
            return run;
        }
    }
}
