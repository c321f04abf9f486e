package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Fence;
import io.millstream.api.Via;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.state.Entry.Put;
import io.millstream.engine.state.Entry.QueueDefined;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Everything the engine knows: the fold of its log.
///
/// Only [#advance] and [#apply] change it, in the same order live and in recovery. One thread owns
/// it.
public final class State {
    final Upcoming upcoming = new Upcoming();

    // A repair changes these without an entry; see [Salvage].
    final TreeMap<ChannelName, QueueState> byName = new TreeMap<>();

    // What a snapshot holds; it reads and sets them.
    final long fileBytes;
    final LiveRecords live;
    final Images images = new Images();
    final TreeMap<Long, QueueState> byChannel = new TreeMap<>();
    final Agenda agenda = new Agenda();
    final HeapAccount heap = new HeapAccount();
    final Topics topics;
    final Tables tables = new Tables(images, heap.part());
    final Routes routes = new Routes(images, heap.part());
    final Senders senders = new Senders(images, heap.part());
    Lineage lineage = new Lineage();
    int epoch;
    long now;
    long entries;
    final Numbers numbers = new Numbers();

    /// Knows nothing.
    ///
    /// @param fileBytes the size of the log's files
    public State(long fileBytes) {
        this.fileBytes = fileBytes;
        live = new LiveRecords(fileBytes);
        topics = new Topics(live, images, heap.part());
    }

    /// The engine's clock, in milliseconds since 1970, as of the last [#advance].
    public long now() {
        return now;
    }

    /// Which opening of the store this is.
    public int epoch() {
        return epoch;
    }

    /// Whether this store may have given out `fence`, and not another one that has a past in common
    /// with it.
    public boolean isOwn(Fence fence) {
        return lineage.isOwn(fence, epoch);
    }

    /// How many entries have been applied.
    public long entries() {
        return entries;
    }

    /// The last version given to a definition or row.
    public long versions() {
        return numbers.version;
    }

    /// The last number given to a channel.
    public long channels() {
        return numbers.channel;
    }

    /// The highest number of a segment that any message ever lay in; never used again.
    public int lastSegment() {
        return numbers.segment;
    }

    /// How much heap all of it takes.
    public HeapAccount heap() {
        return heap;
    }

    /// The rows of the small tables.
    public Tables tables() {
        return tables;
    }

    /// The receipts that may be asked for again.
    public Senders senders() {
        return senders;
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

    /// The topics.
    public Topics topics() {
        return topics;
    }

    /// The exchanges and bindings.
    public Routes routes() {
        return routes;
    }

    /// The position from which on the log holds unsettled messages, rounded down to the start of a
    /// file.
    public long oldestNeeded(long otherwise) {
        return live.oldest(otherwise);
    }

    /// How many bytes of unsettled messages and of topics lie in the log.
    public long bytesInLog() {
        return live.bytesInFiles();
    }

    /// Whether unsettled messages lie in the stretch of the log that has this number.
    public boolean needsStretch(long number) {
        return live.stretch(number) != null;
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
        return agenda.leases().firstDue(now);
    }

    /// The queues in which messages wait for a dead-letter target that takes them.
    public List<QueueState> withStranded() {
        return agenda.withStranded();
    }

    /// The messages of a queue that wait for a dead-letter target that takes them.
    public List<Delivery> stranded(QueueState queue) {
        return agenda.stranded(queue);
    }

    /// A queue in which something has become too old, for [ExpiryDecider], or null if there is
    /// none.
    public @Nullable QueueState overdue() {
        return upcoming.overdue(now);
    }

    /// A queue in which something has lain undelivered for too long, for [TimeToLive], or null if
    /// there is none.
    public @Nullable QueueState outlived() {
        return upcoming.outlived(now);
    }

    /// Has [#outlived] not give a queue for so long, unless something in it changes.
    public void outlivesFor(QueueState queue, long millis) {
        upcoming.outlives(queue, now + millis);
    }

    /// When something is next due by itself, in milliseconds since 1970.
    public long nextDue() {
        return Math.min(Math.min(agenda.next(), upcoming.next()), tables.nextExpiry());
    }

    /// Moves the clock. What waited until now joins the ready ones; this alone is derived without
    /// an entry, and comes out the same whenever it is called before the next entry.
    ///
    /// @return the queues in which something became ready
    public List<QueueState> advance(long newNow) {
        Invariant.check(newNow >= now, "The clock went back from %d to %d", now, newNow);
        now = newNow;
        tables.expire(now);
        Deadlines waits = agenda.waits();
        if (waits.next() > now && upcoming.nextDue() > now) {
            return List.of();
        }
        List<QueueState> changed = new ArrayList<>();
        for (Delivery due = waits.firstDue(now); due != null; due = waits.firstDue(now)) {
            waits.remove(due);
            Resting.endWait(due);
            changed.add(due.queue);
        }
        upcoming.joinDue(now, changed);
        changed.forEach(upcoming::changed);
        return changed;
    }

    /// Does what `entry` says, which lies at `position` in the log and is `bytes` long.
    public void apply(Entry entry, long position, int bytes) {
        entries++;
        if (senders.isDue(now)
                && !(entry instanceof Entry.Opened || entry instanceof Entry.Restored)) {
            senders.expire(now);
        }
        switch (entry) {
            case Entry.Opened opened -> Reopening.apply(this, opened);
            case Entry.Restored(int resumed) -> {
                lineage.restored(epoch, entries - 1, resumed);
                epoch = resumed;
            }
            case QueueDefined defined -> defined(defined);
            case Entry.QueueRemoved removed -> removed(removed);
            case Put put -> put(put, position, bytes);
            case Entry.FannedOut fanned -> fanned.puts().forEach(one -> put(one, position, bytes));
            case Entry.OfRoute ofRoute -> routes.apply(ofRoute, numbers);
            case Entry.Taken taken -> taken(taken);
            case Entry.Settled(long channel, long sequence, boolean dead) ->
                    settled(deliveryOf(channel, sequence), !dead);
            case Entry.Returned returned -> returned(returned);
            case Entry.Extended(long channel, long sequence, long deadline) ->
                    extended(deliveryOf(channel, sequence), deadline);
            case Entry.OfArchive ofArchive -> Archive.apply(this, ofArchive, position);
            case Entry.BetweenQueues between -> Passage.apply(this, between, position);
            case Entry.Stranded stranded ->
                    stranded(
                            queueOf(stranded.channel()).pick(stranded.sequence()),
                            stranded.cause(),
                            stranded.reason());
            case Entry.Dropped(long channel, long sequence) ->
                    settled(queueOf(channel).pick(sequence), false);
            case Entry.Expired expired -> expired(queueOf(expired.channel()), expired.ranges());
            case Entry.Answered answered -> senders.apply(answered, now);
            case Entry.Purged(long channel, long upTo) -> purged(queueOf(channel), upTo);
            case Entry.RowWritten row -> {
                numbers.noteVersion(row.version());
                tables.apply(row);
            }
            case Entry.Evacuated(long channel, List<Entry.Evacuated.Part> parts) ->
                    evacuated(channel, parts);
            case Entry.OfTopic ofTopic -> {
                numbers.note(ofTopic);
                routes.apply(ofTopic, topics);
                topics.apply(ofTopic, position, bytes, now);
            }
        }
    }

    private void defined(QueueDefined defined) {
        numbers.noteVersion(defined.version());
        QueueState queue = byChannel.get(defined.channel());
        if (queue == null) {
            queue = newQueue(defined.channel(), defined.definition(), defined.version());
            byChannel.put(defined.channel(), queue);
            byName.put(defined.definition().name(), queue);
        } else {
            queue.define(defined.definition(), defined.version(), now);
            Archive.defined(this, queue);
        }
        upcoming.changedAll(queue);
    }

    QueueState newQueue(long channel, Definition.Queue definition, long version) {
        numbers.noteChannel(channel);
        return new QueueState(channel, definition, version, now, fileBytes, images, heap.part());
    }

    private void removed(Entry.QueueRemoved removed) {
        numbers.noteVersion(removed.version());
        QueueState queue = queueOf(removed.channel());
        Archive.end(this, queue);
        forget(queue);
        byName.remove(queue.definition.name());
        routes.removeChannel(queue.definition.name());
    }

    void forget(QueueState queue) {
        purged(queue, queue.end());
        if (images.areTaken()) {
            images.leave(queue);
        }
        byChannel.remove(queue.channel());
        upcoming.removed(queue);
        queue.heap().clear();
    }

    private void put(Put put, long position, int bytes) {
        QueueState queue = queueOf(put.channel());
        long sequence = put.sequence();
        Traits traits = StoredMessage.traits(put.message());
        queue.equal().remember(traits, sequence, now);
        Mark mark = queue.lanes().members().mark(traits, sequence, now);
        queue.put(sequence, new Location(position, bytes, now, mark), null, Runs.Lying.BEHIND, now);
        live.add(position, 1, bytes);
        upcoming.ages(queue, now);
        upcoming.changed(queue);
    }

    private void taken(Entry.Taken taken) {
        QueueState queue = queueOf(taken.channel());
        Fence fence = new Fence(epoch, entries);
        boolean auto = taken.deadline() == Entry.Taken.AUTO;
        for (long sequence : taken.sequences()) {
            Delivery delivery = queue.take(sequence, now);
            delivery.fence = fence;
            delivery.deadline = auto ? Entry.Taken.SESSION : taken.deadline();
            if (auto) {
                settled(delivery, true);
            } else {
                agenda.add(delivery);
            }
        }
        upcoming.changed(queue);
    }

    void settled(Delivery delivery, boolean wasDone) {
        withdraw(delivery);
        QueueState archive = delivery.queue.archive;
        if (wasDone && archive != null) {
            Archive.keep(this, delivery, archive);
        }
        live.add(delivery.queue.remove(delivery, wasDone), -1, -delivery.bytes);
        upcoming.changed(delivery.queue);
    }

    private void returned(Entry.Returned returned) {
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
            Resting.makeReady(delivery);
        } else {
            Resting.makeWait(delivery, returned.due());
        }
        agenda.add(delivery);
        rests(delivery);
    }

    /// It is not leased any more, so it may expire.
    private void rests(Delivery delivery) {
        upcoming.changed(delivery.queue);
        upcoming.ages(delivery.queue, delivery.stored);
    }

    void extended(Delivery delivery, long deadline) {
        delivery.queue.images().changing(delivery.sequence);
        agenda.leases().remove(delivery);
        delivery.deadline = deadline;
        agenda.leases().add(delivery);
    }

    private void stranded(Delivery delivery, Via.Cause cause, String reason) {
        withdraw(delivery);
        Resting.strand(delivery, cause, reason);
        agenda.add(delivery);
        rests(delivery);
    }

    private void expired(QueueState queue, List<Entry.Expired.Range> ranges) {
        for (Entry.Expired.Range range : ranges) {
            long next = queue.next(range.first() - 1);
            for (; next >= 0 && next < range.end(); next = queue.next(next)) {
                Delivery delivery = queue.delivery(next);
                if (delivery == null) {
                    queue.expireFresh(next, live);
                } else {
                    Invariant.check(!delivery.isLeased(), "Message %d expired while leased", next);
                    queue.images().changing(next);
                    withdraw(delivery);
                    live.add(queue.expire(delivery), -1, -delivery.bytes);
                }
            }
        }
        upcoming.changedAll(queue);
    }

    private void purged(QueueState queue, long upTo) {
        queue.deliveries().forEach(this::withdraw);
        queue.purge(upTo, live);
        upcoming.changed(queue);
    }

    /// A queue that is gone by now needs nothing any more.
    private void evacuated(long channel, List<Entry.Evacuated.Part> parts) {
        parts.forEach(part -> numbers.noteSegmentOf(part.position()));
        QueueState queue = byChannel.get(channel);
        if (queue != null) {
            parts.forEach(part -> queue.move(part, live));
        }
    }

    /// Ends whatever a message was doing, in every index.
    void withdraw(Delivery delivery) {
        agenda.remove(delivery);
        delivery.queue.withdraw(delivery);
    }

    QueueState queueOf(long channel) {
        return Invariant.present(byChannel.get(channel), "There is no channel %d", channel);
    }

    /// The delivery that an entry is about to change.
    private Delivery deliveryOf(long channel, long sequence) {
        QueueState queue = queueOf(channel);
        Delivery delivery = queue.delivery(sequence);
        queue.images().changing(sequence);
        return Invariant.present(delivery, "Channel %d knows no message %d", channel, sequence);
    }

    /// Whether a snapshot is on its way.
    public boolean isBeingWritten() {
        return images.areTaken();
    }

    /// Begins to write down what it is now, in slices of about so many bytes. One at a time.
    public Snapshot beginSnapshot(int sliceBytes) {
        images.begin(sliceBytes);
        tables.beginImages();
        routes.beginImages();
        senders.beginImages();
        topics.images().begin(numbers.channel);
        SnapshotCodec.writeGlobals(this, images.out());
        return new Snapshot(this, images, sliceBytes);
    }

    /// Appends all of it at once. Equal states have equal bytes.
    public void write(Output out) {
        SnapshotCodec.write(this, out);
    }

    /// Takes in a slice of a snapshot; they come in their order, before anything is applied.
    ///
    /// @throws io.millstream.engine.bytes.MalformedException if it is none
    public void load(ByteBuffer slice) {
        SnapshotCodec.load(this, slice);
    }

    void restore(QueueState queue) {
        byChannel.put(queue.channel(), queue);
        if (!queue.isArchive()) {
            byName.put(queue.definition().name(), queue);
        }
    }

    /// All slices have been taken in.
    public void loaded() {
        agenda.loaded();
        for (QueueState queue : byChannel.values()) {
            if (queue.isArchive()) {
                queueOf(queue.archiveOf).archive = queue;
            }
            queue.loaded(now);
            upcoming.changedAll(queue);
        }
    }
}
