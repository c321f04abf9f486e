package io.millstream.engine;

import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.log.DamagedException;
import io.millstream.engine.log.LogBytes;
import io.millstream.engine.log.Segments;
import io.millstream.engine.position.Positions;
import io.millstream.engine.state.Copy;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.ExtentCopy;
import io.millstream.engine.state.Location;
import io.millstream.engine.state.RunCopy;
import io.millstream.engine.state.StoredMessage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Copies stretches of what is still needed into a new segment, some of them a step. The background
/// thread's until it is done.
final class EvacuationJob {
    /// Reading so much for nothing costs less than another read.
    private static final int GAP_BYTES_MAX = 4096;

    private final List<Copy> plan;
    private final int segment;
    private final int stepBytes;
    private final long[] positions;

    /// The runs that were copied, by where they began: a message that is in several queues lies in
    /// a run of each, and those are mostly the same.
    private final Map<Long, List<Integer>> copied = new HashMap<>();

    private Segments.@Nullable Writer writer;
    private int next;
    private volatile long written;
    private volatile boolean done;

    /// @param stepBytes about how much is copied at once
    EvacuationJob(List<Copy> plan, int segment, int stepBytes) {
        this.plan = plan;
        this.segment = segment;
        this.stepBytes = stepBytes;
        this.positions = new long[plan.size()];
    }

    List<Copy> plan() {
        return plan;
    }

    int segment() {
        return segment;
    }

    /// Whether the segment is on the disk and [#positionOf] counts.
    boolean isDone() {
        return done;
    }

    /// How many bytes of the disk it has taken.
    long written() {
        return written;
    }

    /// Where what was copied of a stretch lies now.
    long positionOf(int stretch) {
        return positions[stretch];
    }

    /// Copies some of it; blocks for the disk.
    ///
    /// @throws DamagedException if a message is not what was stored
    void step(LogBytes from, Segments to) throws IOException {
        Segments.Writer into = writer;
        if (into == null) {
            into = to.create(segment);
            writer = into;
        }
        ByteBuffer buffer = ByteBuffer.allocate(bytesOfStep());
        long start = into.end();
        while (next < plan.size() && plan.get(next).bytes() <= buffer.remaining()) {
            int same = sameAs(plan.get(next));
            if (same >= 0) {
                positions[next] = positions[same];
            } else {
                positions[next] = Positions.inSegment(segment, start + buffer.position());
                copy(plan.get(next), from, buffer);
            }
            next++;
        }
        into.append(buffer.flip());
        written = into.end();
        if (next == plan.size()) {
            into.finish();
            done = true;
        }
    }

    /// An earlier stretch of the plan with the same messages, or -1.
    private int sameAs(Copy stretch) {
        if (!(stretch instanceof RunCopy run)) {
            return -1;
        }
        List<Location> places = run.places();
        List<Integer> candidates =
                copied.computeIfAbsent(places.getFirst().position(), _ -> new ArrayList<>(1));
        for (int candidate : candidates) {
            if (plan.get(candidate) instanceof RunCopy other
                    && other.bytes() == run.bytes()
                    && other.places().equals(places)) {
                return candidate;
            }
        }
        candidates.add(next);
        return -1;
    }

    private int bytesOfStep() {
        int bytes = 0;
        for (int i = next; i < plan.size(); i++) {
            int more = plan.get(i).bytes();
            if (bytes > 0 && bytes + more > stepBytes) {
                break;
            }
            bytes += more;
        }
        return bytes;
    }

    private void copy(Copy stretch, LogBytes from, ByteBuffer to) throws IOException {
        switch (stretch) {
            case RunCopy run -> copy(run, from, to);
            case ExtentCopy extent -> copy(extent, from, to);
        }
    }

    private static void copy(ExtentCopy extent, LogBytes from, ByteBuffer to) throws IOException {
        byte[] bytes = new byte[extent.bytes()];
        from.read(ByteBuffer.wrap(bytes), extent.position());
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        try {
            for (long offset = extent.first(); rest.hasRemaining(); ) {
                offset +=
                        EntryCodec.batchIn(
                                        EntryCodec.next(rest),
                                        extent.channel(),
                                        extent.partition(),
                                        offset)
                                .offsets();
            }
        } catch (MalformedException damaged) {
            throw new DamagedException(
                    from.fileOf(extent.position()),
                    from.offsetOf(extent.position()),
                    String.valueOf(damaged.getMessage()));
        }
        to.put(bytes);
    }

    /// Reads what lies close together at once, and nothing else of what lies between.
    private void copy(RunCopy run, LogBytes from, ByteBuffer to) throws IOException {
        List<Location> places = run.places();
        int next = 0;
        while (next < places.size()) {
            int end = endOfStretch(places, next);
            long start = places.get(next).position();
            ByteBuffer stretch =
                    ByteBuffer.allocate(Math.toIntExact(endOf(places.get(end - 1)) - start));
            from.read(stretch, start);
            for (Location place : places.subList(next, end)) {
                byte[] framed = new byte[place.bytes()];
                stretch.get(Math.toIntExact(place.position() - start), framed);
                prove(framed, place.position(), from);
                to.put(framed);
            }
            next = end;
        }
    }

    private int endOfStretch(List<Location> places, int begin) {
        long start = places.get(begin).position();
        int end = begin + 1;
        while (end < places.size()
                && places.get(end).position() >= endOf(places.get(end - 1))
                && places.get(end).position() - endOf(places.get(end - 1)) <= GAP_BYTES_MAX
                && endOf(places.get(end)) - start <= stepBytes) {
            end++;
        }
        return end;
    }

    private static long endOf(Location place) {
        return place.position() + place.bytes();
    }

    /// A damaged message must not be given a new place from which it would look sound.
    private static void prove(byte[] framed, long position, LogBytes from) throws IOException {
        try {
            if (StoredMessage.isSound(EntryCodec.messageIn(framed, 0, 0))) {
                return;
            }
        } catch (MalformedException damaged) {
            // Said below, with its place.
        }
        throw new DamagedException(
                from.fileOf(position), from.offsetOf(position), "a message's checksum is wrong");
    }

    /// Removes what there is of the unfinished segment, to make room, and starts over with the next
    /// step.
    void beginAgain() throws IOException {
        Segments.Writer unfinished = writer;
        writer = null;
        written = 0;
        next = 0;
        copied.clear();
        if (unfinished != null) {
            unfinished.abandon();
        }
    }
}
