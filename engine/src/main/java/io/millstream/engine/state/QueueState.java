package io.millstream.engine.state;

import io.millstream.api.Definition;
import io.millstream.api.View;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.state.Delivery.Status;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A queue: a cursor with exceptions.
///
/// Everything from the cursor on was never handed out and is ready in its order, except messages
/// whose [Mark] puts them elsewhere, which are in [Lanes]; of what was handed out only what is not
/// settled is remembered, as a [Delivery]. So a backlog costs what its [Runs] cost, and a message
/// that is taken and settled leaves nothing behind.
public final class QueueState {
    private final long channel;
    Definition.Queue definition;
    long version;
    final long created;
    long modified;

    private final Cursor cursor = new Cursor(this);
    private final Images taken;
    private final QueueImages images;
    private final HeapAccount heap;

    private Runs runs;
    Outstanding outstanding;
    private Arrivals arrivals;
    private final Lanes lanes;
    private final Ages ages;
    private final Equals equal;
    private @Nullable Throttle throttle;

    /// What it keeps of what was settled as done; null if it keeps nothing.
    @Nullable QueueState archive;

    /// The queue that this is the [Archive] of, or 0.
    long archiveOf;

    /// When [QueueTimes] have it looked at; not part of what is known.
    final long[] lookAt = QueueTimes.never();

    private int leased;
    private long leasedBytes;
    long bytes;
    long stored;
    long done;
    long dead;
    long expired;

    QueueState(
            long channel,
            Definition.Queue definition,
            long version,
            long created,
            long fileBytes,
            Images taken,
            HeapAccount heap) {
        this(channel, definition, version, created, new Runs(fileBytes, taken, heap), taken, heap);
        heap.add(HeapCosts.queue(definition));
    }

    private QueueState(
            long channel,
            Definition.Queue definition,
            long version,
            long created,
            Runs runs,
            Images taken,
            HeapAccount heap) {
        this.channel = channel;
        this.definition = definition;
        this.version = version;
        this.created = created;
        this.modified = created;
        this.runs = runs;
        this.outstanding = new Outstanding(heap);
        this.arrivals = new Arrivals(heap);
        this.taken = taken;
        this.images = new QueueImages(this, taken);
        this.heap = heap;
        this.lanes = new Lanes(this, heap);
        this.ages = new Ages(this);
        this.equal = new Equals(this, taken, heap);
        if (Throttle.isNeeded(definition)) {
            needThrottle().define(created);
        }
    }

    /// Its number, which is its incarnation.
    public long channel() {
        return channel;
    }

    /// What it is declared to be.
    public Definition.Queue definition() {
        return definition;
    }

    /// The version of the definition.
    public long version() {
        return version;
    }

    /// When this life began, in milliseconds since 1970.
    public long created() {
        return created;
    }

    /// When the definition last changed, in milliseconds since 1970.
    public long modified() {
        return modified;
    }

    /// What the next message's sequence will be.
    public long end() {
        return cursor.end;
    }

    Cursor cursor() {
        return cursor;
    }

    /// Whether a take would find something.
    public boolean hasReady() {
        return hasReady(TypeFilter.ALL);
    }

    /// Whether a take of some types would find something.
    public boolean hasReady(TypeFilter filter) {
        return !definition.paused()
                && leased < definition.maxInFlight()
                && (throttle == null || throttle.isOpen())
                && ((!cursor.isAtEnd() && filter.isAll()) || lanes.hasReady(filter));
    }

    /// How many messages are leased.
    public int leased() {
        return leased;
    }

    /// What is in it and has passed through it.
    public View.QueueCounts counts() {
        return Standing.counts(this);
    }

    /// Whether it is what another queue keeps, and has no name of its own.
    public boolean isArchive() {
        return archiveOf != 0;
    }

    /// How much heap it takes.
    public HeapAccount heap() {
        return heap;
    }

    /// What writes its parts down before they change.
    QueueImages images() {
        return images;
    }

    Runs runs() {
        return runs;
    }

    Ages ages() {
        return ages;
    }

    Lanes lanes() {
        return lanes;
    }

    /// Where a message's entry lies in the log.
    public Location locate(long sequence) {
        return runs.locate(sequence);
    }

    /// What is known of a message that was handed out and is not settled, or null.
    public @Nullable Delivery delivery(long sequence) {
        return outstanding.get(sequence);
    }

    /// What a message brought along from the queue that gave it up, or null.
    public @Nullable Arrival arrival(long sequence) {
        return arrivals.get(sequence);
    }

    /// What its messages brought along.
    Arrivals arrivals() {
        return arrivals;
    }

    /// Whether a message is in the queue.
    public boolean holds(long sequence) {
        return (sequence >= cursor.at && cursor.gaps == 0)
                ? sequence < cursor.end
                : outstanding.contains(sequence) || runs.holds(sequence);
    }

    /// When a message came into this queue, which lies `at`, in milliseconds since 1970.
    long arrived(long sequence, Location at) {
        Arrival arrival = arrivals.get(sequence);
        return arrival == null ? at.stored() : arrival.at();
    }

    /// The next message after `sequence` in the order of puts, or -1.
    public long next(long sequence) {
        return runs.next(sequence);
    }

    /// What limits it besides its consumers; null if nothing ever did.
    @Nullable Throttle throttle() {
        return throttle;
    }

    /// What limits it, from now on at least.
    Throttle needThrottle() {
        if (throttle == null) {
            throttle = new Throttle(this, taken, heap);
        }
        return throttle;
    }

    /// By what it tells equal messages.
    Equals equal() {
        return equal;
    }

    void put(long sequence, Location at, @Nullable Arrival arrival, Runs.Lying lying, long now) {
        Invariant.check(sequence == end(), "Message %d put where %d was next", sequence, end());
        images.changing();
        images.changing(runs.last());
        cursor.put(at.mark().isElsewhere());
        stored++;
        bytes += at.bytes();
        runs.add(sequence, at, lying);
        if (arrival != null) {
            arrivals.add(sequence, arrival);
            ages.add(at.stored(), sequence);
        }
        if (!at.mark().isPlain()) {
            lanes.members().came(at.mark());
        }
        if (at.mark().isElsewhere()) {
            lanes.addFresh(sequence, at.mark(), arrived(sequence, at), now);
        }
    }

    /// Leases a ready message; the caller sets the lease's own fields.
    Delivery take(long sequence, long now) {
        images.changing(sequence);
        Delivery delivery = outstanding.get(sequence);
        if (delivery == null) {
            Invariant.check(
                    sequence == cursor.at || runs.locate(sequence).mark().isElsewhere(),
                    "Took %d, not %d",
                    sequence,
                    cursor.at);
            delivery = pickFresh(sequence);
            if (delivery.firstDelivered == 0) {
                delivery.firstDelivered = now;
            }
        } else {
            Invariant.check(delivery.status == Status.READY, "Took %d, not ready", sequence);
            lanes.notReady(delivery);
        }
        ages.remove(delivery.stored, sequence);
        delivery.status = Status.LEASED;
        delivery.deliveries++;
        delivery.attempts++;
        leased++;
        leasedBytes += delivery.bytes;
        lanes.leased(delivery, now);
        return delivery;
    }

    /// What is known of a message, wherever it stands, though it need not have been handed out.
    Delivery pick(long sequence) {
        images.changing(sequence);
        Delivery delivery = outstanding.get(sequence);
        if (delivery == null) {
            delivery = pickFresh(sequence);
            Resting.makeReady(delivery);
        }
        return delivery;
    }

    /// Takes a message that was never handed out from where it stands; it has no status yet.
    private Delivery pickFresh(long sequence) {
        Location at = runs.locate(sequence);
        removeFresh(sequence, at);
        Delivery delivery = new Delivery(this, sequence, at, arrived(sequence, at));
        Arrival arrival = arrivals.get(sequence);
        if (arrival != null) {
            delivery.deliveries = arrival.deliveries();
            delivery.firstDelivered = arrival.firstDelivered();
            ages.remove(at.stored(), sequence);
        }
        outstanding.add(delivery);
        return delivery;
    }

    private void removeFresh(long sequence, Location at) {
        if (at.mark().isElsewhere()) {
            lanes.removeFresh(sequence, at.mark(), arrived(sequence, at));
        } else {
            cursor.remove(sequence);
        }
    }

    /// Ends whatever a message was doing; it is in none of the sets afterwards, but still
    /// outstanding.
    void withdraw(Delivery delivery) {
        if (delivery.status != Status.LEASED) {
            ages.remove(delivery.stored, delivery.sequence);
        }
        switch (delivery.status) {
            case LEASED -> {
                leased--;
                leasedBytes -= delivery.bytes;
                delivery.release();
                lanes.leasedNoMore(delivery);
            }
            case READY -> lanes.notReady(delivery);
            case WAITING -> lanes.waitsNoMore(delivery);
            case STRANDED -> {}
        }
    }

    /// Takes a message out for good.
    ///
    /// @return a position in the file that it lies in
    long remove(Delivery delivery, boolean wasDone) {
        done += wasDone ? 1 : 0;
        dead += wasDone ? 0 : 1;
        return remove(delivery);
    }

    /// Takes a message out that is somewhere else now.
    ///
    /// @return a position in the file that it lies in
    long remove(Delivery delivery) {
        outstanding.remove(delivery);
        arrivals.remove(delivery.sequence);
        bytes -= delivery.bytes;
        lanes.members().left(delivery.mark);
        return runs.remove(delivery.sequence, delivery.bytes);
    }

    /// Takes out a message that was handed out before and has become too old.
    ///
    /// @return a position in the file that it lies in
    long expire(Delivery delivery) {
        expired++;
        return remove(delivery);
    }

    /// Takes out a message that was never handed out and has become too old, telling `live` that it
    /// is no longer needed.
    void expireFresh(long sequence, LiveRecords live) {
        images.changing(sequence);
        Location at = runs.locate(sequence);
        removeFresh(sequence, at);
        if (arrivals.remove(sequence)) {
            ages.remove(at.stored(), sequence);
        }
        bytes -= at.bytes();
        lanes.members().left(at.mark());
        live.add(runs.remove(sequence, at.bytes()), -1, -at.bytes());
        expired++;
    }

    /// Drops everything below `upTo`, which is everything, telling `live` what is no longer needed.
    void purge(long upTo, LiveRecords live) {
        Invariant.check(upTo == cursor.end, "Purged up to %d of %d", upTo, cursor.end);
        for (Run run : runs.all()) {
            live.add(run.position(), -run.liveMessages(), -run.liveBytes());
        }
        images.changing();
        if (taken.areTaken()) {
            taken.leave(rest());
        }
        cursor.goToEnd();
        outstanding = new Outstanding(heap);
        arrivals = new Arrivals(heap);
        lanes.clear();
        ages.clear();
        runs = runs.anew();
        leased = 0;
        leasedBytes = 0;
        bytes = 0;
        heap.clear();
        heap.add(
                HeapCosts.queue(definition)
                        + equal.heapBytes()
                        + (throttle == null ? 0 : throttle.heapBytes()));
    }

    /// All that is in it, for a snapshot that has not got to it yet.
    private QueueState rest() {
        QueueState rest =
                new QueueState(
                        channel, definition, version, created, runs, taken, new HeapAccount());
        rest.outstanding = outstanding;
        rest.arrivals = arrivals;
        lanes.leaveGroupsTo(rest.lanes);
        return rest;
    }

    /// A run's messages lie in a segment now, unless all of them have been settled since they were
    /// copied.
    void move(Entry.Evacuated.Part part, LiveRecords live) {
        runs.move(part, images, live);
    }

    /// The first run of messages that begins at `from` or after it, as it is to be copied, or null.
    public @Nullable RunCopy runFrom(long from) {
        Run run = runs.runFrom(from);
        return run == null ? null : run.copy(channel);
    }

    /// How many bytes are stored of what is not leased.
    long waitingBytes() {
        return bytes - leasedBytes;
    }

    /// How many messages were handed out and are not settled.
    public int outstandingMessages() {
        return outstanding.size();
    }

    /// How many messages are in it.
    public long size() {
        return cursor.waiting() + outstanding.size() + lanes.fresh();
    }

    /// Everything that was handed out and is not settled, in the order of puts.
    List<Delivery> deliveries() {
        return outstanding.inOrder();
    }

    /// Takes back what a snapshot remembers; [#loaded] comes when all of it has been.
    void restore(Delivery delivery) {
        outstanding.add(delivery);
        switch (delivery.status) {
            case LEASED -> {
                leased++;
                leasedBytes += delivery.bytes;
            }
            case READY, WAITING, STRANDED -> ages.add(delivery.stored, delivery.sequence);
        }
    }

    void restore(long sequence, Arrival arrival) {
        arrivals.add(sequence, arrival);
        if (!outstanding.contains(sequence)) {
            ages.add(runs.locate(sequence).stored(), sequence);
        }
    }

    /// All of it has been taken back.
    void loaded(long now) {
        equal.loaded();
        if (throttle != null) {
            throttle.loaded(now);
        }
        lanes.rebuild(now);
    }

    /// It is declared to be something else now.
    void define(Definition.Queue newDefinition, long newVersion, long now) {
        images.changing();
        boolean lanesChange =
                newDefinition.groups() != definition.groups()
                        || newDefinition.typed() != definition.typed();
        if (newDefinition.deduplication() == null) {
            equal.forget();
        }
        heap.add(HeapCosts.queue(newDefinition) - HeapCosts.queue(definition));
        definition = newDefinition;
        version = newVersion;
        modified = now;
        Throttle limits = Throttle.isNeeded(definition) ? needThrottle() : throttle;
        boolean groupsChange = limits != null && limits.define(now);
        if (lanesChange) {
            lanes.rebuild(now);
        } else if (limits != null && groupsChange) {
            lanes.relimit(limits, now);
        }
    }
}
