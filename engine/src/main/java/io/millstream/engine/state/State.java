package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Fence;
import io.millstream.engine.position.Positions;
import io.millstream.engine.state.Delivery.Status;
import io.millstream.engine.state.Entry.Evacuated;
import io.millstream.engine.state.Entry.Extended;
import io.millstream.engine.state.Entry.Moved;
import io.millstream.engine.state.Entry.Opened;
import io.millstream.engine.state.Entry.Purged;
import io.millstream.engine.state.Entry.Put;
import io.millstream.engine.state.Entry.QueueDefined;
import io.millstream.engine.state.Entry.QueueRemoved;
import io.millstream.engine.state.Entry.Returned;
import io.millstream.engine.state.Entry.RowWritten;
import io.millstream.engine.state.Entry.Settled;
import io.millstream.engine.state.Entry.Stranded;
import io.millstream.engine.state.Entry.Taken;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Everything the engine knows: the fold of its log.
///
/// Only [#advance] and [#apply] change it, in the same order live and in recovery. One thread owns
/// it.
public final class State {
    private static final int SNAPSHOT_FORMAT = 2;

    private final long fileBytes;
    private final LiveRecords live;
    private final TreeMap<Long, QueueState> byChannel = new TreeMap<>();
    private final TreeMap<ChannelName, QueueState> byName = new TreeMap<>();
    private final Deadlines leases = new Deadlines();
    private final Deadlines waits = new Deadlines();
    private final LinkedHashSet<Delivery> stranded = new LinkedHashSet<>();
    private final Images images = new Images();
    private final Tables tables = new Tables(images);
    private int epoch;
    private long now;
    private long entries;
    private long versions;
    private long channels;
    private int lastSegment;

    /// Knows nothing.
    ///
    /// @param fileBytes the size of the log's files
    public State(long fileBytes) {
        this.fileBytes = fileBytes;
        this.live = new LiveRecords(fileBytes);
    }

    /// The engine's clock, in milliseconds since 1970, as of the last [#advance].
    public long now() {
        return now;
    }

    /// Which opening of the store this is.
    public int epoch() {
        return epoch;
    }

    /// How many entries have been applied.
    public long entries() {
        return entries;
    }

    /// The last version given to a definition or row.
    public long versions() {
        return versions;
    }

    /// The last number given to a channel.
    public long channels() {
        return channels;
    }

    /// The highest number of a segment that any message ever lay in; never used again.
    public int lastSegment() {
        return lastSegment;
    }

    /// The rows of the small tables.
    public Tables tables() {
        return tables;
    }

    /// The queue of this name, or null.
    public @Nullable QueueState queue(ChannelName name) {
        return byName.get(name);
    }

    /// The queue of this number, or null.
    public @Nullable QueueState queue(long channel) {
        return byChannel.get(channel);
    }

    /// The queues from `from` on, in the order of their names.
    public NavigableMap<ChannelName, QueueState> queuesFrom(ChannelName from, boolean inclusive) {
        return byName.tailMap(from, inclusive);
    }

    /// The position from which on the log holds unsettled messages, rounded down to the start of a
    /// file.
    public long oldestNeeded(long otherwise) {
        return live.oldest(otherwise);
    }

    /// The queue after `channel` in the order of numbers, or null.
    public @Nullable QueueState queueAfter(long channel) {
        Map.Entry<Long, QueueState> next = byChannel.higherEntry(channel);
        return next == null ? null : next.getValue();
    }

    /// How many bytes of unsettled messages lie in each segment that holds any.
    public Map<Integer, Long> segments() {
        Map<Integer, Long> bytes = new TreeMap<>();
        live.segments().forEach((segment, needed) -> bytes.put(segment, needed.bytes()));
        return bytes;
    }

    /// Whether unsettled messages lie in a segment.
    public boolean needsSegment(int number) {
        return live.segment(number) != null;
    }

    /// The segments that have become empty since the last call.
    public List<Integer> takeEmptiedSegments() {
        return live.takeEmptied();
    }

    /// The lease that ended first, still leased, or null if none has ended.
    public @Nullable Delivery firstExpired() {
        return leases.firstDue(now);
    }

    /// Messages that wait for a dead-letter target that takes them.
    public List<Delivery> stranded() {
        return new ArrayList<>(stranded);
    }

    /// When something is next due by itself, in milliseconds since 1970.
    public long nextDue() {
        return Math.min(leases.next(), Math.min(waits.next(), tables.nextExpiry()));
    }

    /// Moves the clock. What waited until now joins the ready ones; this alone is derived without
    /// an entry, and comes out the same whenever it is called before the next entry.
    ///
    /// @return the queues in which something became ready
    public List<QueueState> advance(long newNow) {
        Invariant.check(newNow >= now, "The clock went back from %d to %d", now, newNow);
        now = newNow;
        tables.expire(now);
        Delivery due = waits.firstDue(now);
        if (due == null) {
            return List.of();
        }
        List<QueueState> changed = new ArrayList<>();
        for (; due != null; due = waits.firstDue(now)) {
            waits.remove(due);
            due.queue.joinAtEnd(due);
            changed.add(due.queue);
        }
        return changed;
    }

    /// Does what `entry` says, which lies at `position` in the log and is `bytes` long.
    public void apply(Entry entry, long position, int bytes) {
        entries++;
        switch (entry) {
            case Opened opened -> opened(opened);
            case QueueDefined defined -> defined(defined);
            case QueueRemoved removed -> removed(removed);
            case Put put -> put(queueOf(put.channel()), put.sequence(), position, bytes);
            case Taken taken -> taken(taken);
            case Settled(long channel, long sequence, boolean dead) ->
                    settled(deliveryOf(channel, sequence), !dead);
            case Returned returned -> returned(returned);
            case Extended(long channel, long sequence, long deadline) ->
                    extended(deliveryOf(channel, sequence), deadline);
            case Moved moved -> moved(moved, position);
            case Stranded(long channel, long sequence, String reason) ->
                    stranded(deliveryOf(channel, sequence), reason);
            case Purged(long channel, long upTo) -> purged(queueOf(channel), upTo);
            case RowWritten row -> written(row);
            case Evacuated(long channel, List<Evacuated.Part> parts) -> evacuated(channel, parts);
        }
    }

    private void opened(Opened opened) {
        epoch = opened.epoch();
        for (QueueState queue : byChannel.values()) {
            for (Delivery delivery : queue.deliveries()) {
                if (delivery.status == Status.LEASED && delivery.isSessionBound()) {
                    // Ended by now: the loop returns it, or buries it, like any lease that has
                    // ended.
                    extended(delivery, now);
                } else if (delivery.status == Status.LEASED) {
                    extended(delivery, Math.max(delivery.deadline, now + opened.graceMillis()));
                }
            }
        }
    }

    private void defined(QueueDefined defined) {
        versions = Math.max(versions, defined.version());
        QueueState queue = byChannel.get(defined.channel());
        if (queue == null) {
            channels = Math.max(channels, defined.channel());
            queue =
                    new QueueState(
                            defined.channel(),
                            defined.definition(),
                            defined.version(),
                            now,
                            new Runs(fileBytes, images),
                            images);
            byChannel.put(defined.channel(), queue);
            byName.put(defined.definition().name(), queue);
        } else {
            queue.changing();
            queue.definition = defined.definition();
            queue.version = defined.version();
            queue.modified = now;
        }
    }

    private void removed(QueueRemoved removed) {
        versions = Math.max(versions, removed.version());
        QueueState queue = queueOf(removed.channel());
        purged(queue, queue.end());
        byChannel.remove(removed.channel());
        byName.remove(queue.definition.name());
    }

    private void put(QueueState queue, long sequence, long position, int bytes) {
        queue.put(sequence, new Location(position, bytes, now), null);
        live.add(position, 1, bytes);
    }

    private void taken(Taken taken) {
        QueueState queue = queueOf(taken.channel());
        Fence fence = new Fence(epoch, entries);
        boolean auto = taken.deadline() == Taken.AUTO;
        for (long sequence : taken.sequences()) {
            Delivery delivery = queue.take(sequence, now);
            delivery.fence = fence;
            delivery.deadline = auto ? Taken.SESSION : taken.deadline();
            if (auto) {
                settled(delivery, true);
            } else if (!delivery.isSessionBound()) {
                leases.add(delivery);
            }
        }
    }

    private void settled(Delivery delivery, boolean wasDone) {
        withdraw(delivery);
        long file = delivery.queue.remove(delivery, wasDone);
        live.add(file, -1, -delivery.bytes);
    }

    private void returned(Returned returned) {
        Delivery delivery = deliveryOf(returned.channel(), returned.sequence());
        withdraw(delivery);
        switch (returned.uncount()) {
            case NOTHING -> {}
            case ATTEMPT -> delivery.attempts--;
            case DELIVERY -> {
                delivery.attempts--;
                delivery.deliveries--;
            }
        }
        if (returned.due() == 0) {
            delivery.queue.makeReady(delivery);
        } else {
            delivery.status = Status.WAITING;
            delivery.deadline = returned.due();
            waits.add(delivery);
        }
    }

    private void extended(Delivery delivery, long deadline) {
        delivery.queue.changing(delivery.sequence);
        leases.remove(delivery);
        delivery.deadline = deadline;
        leases.add(delivery);
    }

    private void moved(Moved moved, long position) {
        Delivery delivery = deliveryOf(moved.channel(), moved.sequence());
        QueueState source = delivery.queue;
        Arrival before = source.arrival(moved.sequence());
        withdraw(delivery);
        Location location = source.locate(moved.sequence());
        source.remove(delivery, false);
        queueOf(moved.target())
                .put(
                        moved.targetSequence(),
                        location,
                        new Arrival(
                                delivery.deliveries,
                                delivery.firstDelivered,
                                source.definition.name(),
                                moved.reason(),
                                now,
                                before == null ? 1 : before.deaths() + 1,
                                position));
    }

    private void stranded(Delivery delivery, String reason) {
        withdraw(delivery);
        delivery.status = Status.STRANDED;
        delivery.deadline = 0;
        delivery.strandedReason = reason;
        stranded.add(delivery);
    }

    private void purged(QueueState queue, long upTo) {
        queue.deliveries().forEach(this::withdraw);
        queue.purge(upTo, live);
    }

    /// A queue that is gone by now needs nothing any more.
    private void evacuated(long channel, List<Evacuated.Part> parts) {
        for (Evacuated.Part part : parts) {
            lastSegment = Math.max(lastSegment, Positions.segmentOf(part.position()));
        }
        QueueState queue = byChannel.get(channel);
        if (queue != null) {
            parts.forEach(part -> queue.move(part, live));
        }
    }

    private void written(RowWritten row) {
        versions = Math.max(versions, row.version());
        Tables.Row value =
                row.value() == null
                        ? null
                        : new Tables.Row(row.value(), row.version(), row.expiresAt());
        if (value == null) {
            tables.remove(row.table(), row.key());
        } else {
            tables.put(row.table(), row.key(), value);
        }
    }

    /// Ends whatever a message was doing, in every index.
    private void withdraw(Delivery delivery) {
        switch (delivery.status) {
            case LEASED -> leases.remove(delivery);
            case WAITING -> waits.remove(delivery);
            case STRANDED -> stranded.remove(delivery);
            case READY -> {}
        }
        delivery.queue.withdraw(delivery);
    }

    private QueueState queueOf(long channel) {
        return Invariant.present(byChannel.get(channel), "There is no channel %d", channel);
    }

    /// The delivery that an entry is about to change.
    private Delivery deliveryOf(long channel, long sequence) {
        QueueState queue = queueOf(channel);
        Delivery delivery = queue.delivery(sequence);
        queue.changing(sequence);
        return Invariant.present(delivery, "Channel %d knows no message %d", channel, sequence);
    }

    /// Begins to write down what it is now, in slices of about so many bytes. One at a time.
    public Snapshot beginSnapshot(int sliceBytes) {
        images.begin(sliceBytes);
        tables.beginImages();
        writeGlobals(images.out());
        return new Snapshot(this, images, sliceBytes);
    }

    /// Appends all of it at once. Equal states have equal bytes.
    public void write(Output out) {
        writeGlobals(out);
        tables.write(out);
        byChannel.values().forEach(queue -> queue.write(out));
    }

    private void writeGlobals(Output out) {
        out.byteValue(Images.GLOBALS);
        long[] numbers = {SNAPSHOT_FORMAT, epoch, now, entries, versions, channels, lastSegment};
        for (long number : numbers) {
            out.varint(number);
        }
    }

    /// Takes in a slice of a snapshot; they come in their order, before anything is applied.
    ///
    /// @throws MalformedException if it is none
    public void load(ByteBuffer slice) {
        Input in = new Input(slice);
        while (!in.atEnd()) {
            int item = in.byteValue();
            switch (item) {
                case Images.GLOBALS -> readGlobals(in);
                case Images.ROW -> tables.read(in);
                case Images.QUEUE -> {
                    QueueState queue = QueueState.readHead(in, images, fileBytes);
                    byChannel.put(queue.channel(), queue);
                    byName.put(queue.definition().name(), queue);
                }
                case Images.RUN -> {
                    QueueState queue = byChannel.get(in.varint());
                    if (queue == null) {
                        throw new MalformedException("A run comes before its queue");
                    }
                    queue.readRun(in, live).forEach(this::restore);
                }
                default -> throw new MalformedException("A snapshot has an item " + item);
            }
        }
    }

    /// All slices have been taken in.
    public void loaded() {
        // Runs come in the order they changed; what is stranded is tried again in the order of
        // puts.
        List<Delivery> sorted = stranded();
        sorted.sort(
                Comparator.comparingLong((Delivery delivery) -> delivery.queue.channel())
                        .thenComparingLong(delivery -> delivery.sequence));
        stranded.clear();
        stranded.addAll(sorted);
    }

    private void readGlobals(Input in) {
        long format = in.varint();
        if (format != SNAPSHOT_FORMAT) {
            throw new MalformedException("A snapshot has format " + format);
        }
        epoch = in.intValue();
        now = in.varint();
        entries = in.varint();
        versions = in.varint();
        channels = in.varint();
        lastSegment = in.intValue();
    }

    private void restore(Delivery delivery) {
        switch (delivery.status) {
            case LEASED -> {
                if (!delivery.isSessionBound()) {
                    leases.add(delivery);
                }
            }
            case WAITING -> waits.add(delivery);
            case STRANDED -> stranded.add(delivery);
            case READY -> {}
        }
    }
}
