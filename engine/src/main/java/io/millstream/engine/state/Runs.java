package io.millstream.engine.state;

import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.position.Positions;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Where a queue's messages lie: a [Run] for up to 64 of them that follow each other in the queue
/// and in one file.
///
/// A run whose messages are all settled is dropped, wherever in the queue it is, so that one old
/// message costs one run. A run is moved to a segment as a whole, without the messages that were
/// settled by then, and fills up the run before it that came to the same segment.
final class Runs {
    private final long fileBytes;
    private final Images images;
    private final HeapAccount heap;
    private final TreeMap<Long, Run> byFirst = new TreeMap<>();

    // What was found last, because most that is asked for lies close to it. Which run a message
    // joins depends on the runs alone, or a recovered queue would differ from the one before it.
    private @Nullable Run last;
    private @Nullable Run settled;
    private @Nullable Run located;
    private @Nullable Places places;

    /// Knows nothing.
    ///
    /// @param fileBytes the size of the log's files
    /// @param images where runs are written before they change, by their queue
    /// @param heap what runs are charged to
    Runs(long fileBytes, Images images, HeapAccount heap) {
        this.fileBytes = fileBytes;
        this.images = images;
        this.heap = heap;
    }

    /// As empty as this one was.
    Runs anew() {
        return new Runs(fileBytes, images, heap);
    }

    /// Where a message lies that comes into a queue.
    enum Lying {
        /// Behind those before it, as it was put.
        BEHIND,
        /// Where another queue had put it. No run before it grows by it: the file it is in may be
        /// on its way to a segment, with what runs hold now.
        ALONE,
        /// Where another queue had put it, before or behind those before it. The run that grows by
        /// it may be on its way to a segment, without it: then it stays where it lies, see [#move].
        ANYWHERE
    }

    void add(long sequence, Location at, Lying lying) {
        Run run = last();
        boolean joins =
                run != null
                        && run.next() == sequence
                        && switch (lying) {
                            case BEHIND -> follows(run, sequence, at);
                            case ALONE -> false;
                            case ANYWHERE -> fits(run, sequence, at);
                        };
        if (run != null && joins) {
            append(run, sequence, at);
        } else {
            begin(sequence, at);
        }
    }

    private void begin(long sequence, Location at) {
        Run before = last();
        if (before != null) {
            before.trim();
        }
        last = keep(new Run(sequence, at, images.number()));
    }

    private Run keep(Run run) {
        byFirst.put(run.first(), run);
        heap.add(HeapCosts.RUN + run.packedBytes());
        return run;
    }

    private void drop(Run run) {
        byFirst.remove(run.first());
        heap.add(-HeapCosts.RUN - run.packedBytes());
        last = null;
        settled = null;
        located = null;
        places = null;
    }

    private void append(Run run, long sequence, Location at) {
        int before = run.packedBytes();
        run.append(sequence, at);
        heap.add(run.packedBytes() - before);
    }

    private boolean follows(Run run, long sequence, Location at) {
        return at.position() >= run.end() && fits(run, sequence, at);
    }

    private boolean fits(Run run, long sequence, Location at) {
        return run.hasPlaceFor(sequence)
                && run.takes(at.mark())
                && Positions.isSameFile(run.position(), at.position(), fileBytes);
    }

    /// The run that the next message may join, or null.
    @Nullable Run last() {
        if (last == null && !byFirst.isEmpty()) {
            last = byFirst.lastEntry().getValue();
        }
        return last;
    }

    Location locate(long sequence) {
        Run run = located;
        Places found = places;
        if (run == null || found == null || !run.covers(sequence) || !found.leadsTo(sequence)) {
            run = runOf(sequence);
            found = run.places();
            located = run;
            places = found;
        }
        Invariant.check(run.holds(sequence), "Message %d lies in no run", sequence);
        return run.locate(sequence, found);
    }

    /// Takes a message out, which is so large.
    ///
    /// @return the position of its run, in the same file
    long remove(long sequence, int bytes) {
        Run run = settled;
        if (run == null || !run.covers(sequence)) {
            run = runOf(sequence);
            settled = run;
        }
        Invariant.check(run.holds(sequence), "Message %d lies in no run", sequence);
        if (run.settle(sequence, bytes)) {
            drop(run);
        }
        return run.position();
    }

    /// Whether a message is there.
    boolean holds(long sequence) {
        Map.Entry<Long, Run> floor = byFirst.floorEntry(sequence);
        return floor != null && floor.getValue().holds(sequence);
    }

    /// The first message after `sequence`, or -1.
    long next(long sequence) {
        if (sequence == Long.MAX_VALUE) {
            return -1;
        }
        Map.Entry<Long, Run> floor = byFirst.floorEntry(sequence + 1);
        long found = floor == null ? -1 : floor.getValue().nextLive(sequence + 1);
        if (found >= 0) {
            return found;
        }
        Map.Entry<Long, Run> higher = byFirst.higherEntry(sequence + 1);
        return higher == null ? -1 : higher.getValue().nextLive(higher.getKey());
    }

    /// The first message after `sequence` that is handed out in the order of puts, or -1.
    long nextInOrder(long sequence) {
        Map.Entry<Long, Run> floor = byFirst.floorEntry(sequence + 1);
        long found = floor == null ? -1 : floor.getValue().nextInOrder(sequence + 1);
        if (found >= 0) {
            return found;
        }
        for (Run run : byFirst.tailMap(sequence + 1, false).values()) {
            found = run.nextInOrder(run.first());
            if (found >= 0) {
                return found;
            }
        }
        return -1;
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

    /// A run's messages lie in a segment now, unless all of them are gone.
    void move(Entry.Evacuated.Part part, QueueImages imaged, LiveRecords live) {
        Run run = run(part.first());
        if (run != null) {
            imaged.changing(run);
            imaged.changing(before(part.first()));
            move(run, part.position(), part.copied(), live);
        }
    }

    /// A run's messages lie elsewhere now: those of `copied`, one after the other from `position`
    /// on. What has come into it since it was copied stays where it lies, in a run of its own.
    void move(Run run, long position, long copied, LiveRecords live) {
        drop(run);
        Run into = before(run.first());
        Run staying = null;
        long end = run.first() + Long.SIZE - Long.numberOfLeadingZeros(copied);
        int moved = 0;
        int movedBytes = 0;
        Places from = run.places();
        long at = position;
        for (long sequence = run.first(); sequence < run.next(); sequence++) {
            Location old = from.locate(sequence);
            boolean isCopied = (copied & (1L << (sequence - run.first()))) != 0;
            if (run.holds(sequence) && isCopied) {
                into = moveTo(into, sequence, old.movedTo(at));
                moved++;
                movedBytes += old.bytes();
            } else if (run.holds(sequence)) {
                Invariant.check(sequence >= end, "Message %d was not copied", sequence);
                staying = stay(staying, sequence, old);
            }
            at += isCopied ? old.bytes() : 0;
        }
        if (moved > 0) {
            live.add(run.position(), -moved, -movedBytes);
            live.add(position, moved, movedBytes);
        }
        if (into != null) {
            into.trim();
        }
    }

    /// Like [#move], of messages from `first` on that may lie in other runs than the one that was
    /// copied, as far as it is known how large each one before them is. For a log that has holes.
    void relocate(long first, long copied, long position, LiveRecords live) {
        Map<Long, Location> moved = new HashMap<>();
        long end = first + Long.SIZE - 1 - Long.numberOfLeadingZeros(copied);
        long at = position;
        for (long sequence = first; sequence <= end; sequence++) {
            if ((copied & (1L << (sequence - first))) != 0) {
                Map.Entry<Long, Run> floor = byFirst.floorEntry(sequence);
                if (floor == null || !floor.getValue().covers(sequence)) {
                    break;
                }
                Location old = floor.getValue().places().locate(sequence);
                if (old.bytes() == 0) {
                    break;
                }
                moved.put(sequence, old.movedTo(at));
                at += old.bytes();
            }
        }
        Map.Entry<Long, Run> floor = byFirst.floorEntry(first);
        long from = floor == null ? first : floor.getKey();
        for (Run run : List.copyOf(byFirst.subMap(from, true, end, true).values())) {
            layAnew(run, moved, live);
        }
    }

    private void layAnew(Run run, Map<Long, Location> moved, LiveRecords live) {
        drop(run);
        Places from = run.places();
        Run into = null;
        for (long sequence = run.first(); sequence < run.next(); sequence++) {
            Location old = from.locate(sequence);
            if (run.holds(sequence)) {
                Location now = moved.getOrDefault(sequence, old);
                live.add(old.position(), -1, -old.bytes());
                live.add(now.position(), 1, now.bytes());
                into = moveTo(into, sequence, now);
            }
        }
    }

    private Run moveTo(@Nullable Run into, long sequence, Location at) {
        if (into != null && follows(into, sequence, at)) {
            append(into, sequence, at);
            return into;
        }
        return keep(new Run(sequence, at, images.number()));
    }

    private Run stay(@Nullable Run with, long sequence, Location at) {
        if (with != null && fits(with, sequence, at)) {
            append(with, sequence, at);
            return with;
        }
        return keep(new Run(sequence, at, images.number()));
    }

    Iterable<Run> all() {
        return byFirst.values();
    }

    /// The run before the one that begins at `first`, or null.
    @Nullable Run before(long first) {
        Map.Entry<Long, Run> before = byFirst.lowerEntry(first);
        return before == null ? null : before.getValue();
    }

    /// The run that a message lies in.
    Run runOf(long sequence) {
        Map.Entry<Long, Run> floor = byFirst.floorEntry(sequence);
        return Invariant.present(floor, "Message %d lies in no run", sequence).getValue();
    }

    /// Takes in a run that was written; it comes into its place, whatever came before it.
    void restore(Run run) {
        keep(run);
        last = null;
    }
}
