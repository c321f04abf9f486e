package io.millstream.engine.state;

import io.millstream.api.Definition;
import io.millstream.api.View;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.state.Delivery.Status;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/// A queue: a cursor with exceptions.
///
/// Everything from the cursor on was never handed out and is ready in its order; below the cursor
/// only what is not settled is remembered, as a [Delivery]. So a backlog costs what its [Runs]
/// cost, and a message that is taken and settled leaves nothing behind.
public final class QueueState {
    private static final Comparator<Delivery> BY_PLACE =
            Comparator.comparingLong((Delivery delivery) -> delivery.place)
                    .thenComparingLong(delivery -> delivery.joined)
                    .thenComparingLong(delivery -> delivery.sequence);

    private final long channel;
    Definition.Queue definition;
    long version;
    final long created;
    long modified;

    /// From here on nothing was ever handed out.
    long cursor = 1;

    long end = 1;
    private final Images taken;
    private final QueueImages images;
    private final HeapAccount heap;

    private Runs runs;
    Outstanding outstanding;
    private Arrivals arrivals;
    private final TreeSet<Delivery> returned = new TreeSet<>(BY_PLACE);
    private final Ages ages = new Ages();

    /// How many messages from the cursor on are gone: dead letters that expired before those that
    /// were put in front of them. The cursor is never at one.
    long gaps;

    /// When [Expiries] has it looked at; not part of what is known.
    long lookAt = Long.MAX_VALUE;

    private int leased;
    long bytes;
    long stored;
    long done;
    long dead;
    long expired;
    long joins;

    QueueState(
            long channel,
            Definition.Queue definition,
            long version,
            long created,
            long fileBytes,
            Images taken,
            HeapAccount heap) {
        this(channel, definition, version, created, new Runs(fileBytes, taken, heap), taken, heap);
        heap.add(HeapCosts.QUEUE);
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
        return end;
    }

    /// Whether a take would find something.
    public boolean hasReady() {
        return !definition.paused()
                && leased < definition.maxInFlight()
                && (cursor < end || !returned.isEmpty());
    }

    /// How many messages are leased.
    public int leased() {
        return leased;
    }

    /// What is in it and has passed through it.
    public View.QueueCounts counts() {
        long delayed = (long) outstanding.size() - leased - returned.size();
        return new View.QueueCounts(
                end - cursor - gaps + returned.size(),
                leased,
                delayed,
                bytes,
                stored,
                done,
                dead,
                expired);
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

    /// When what was stored at `stored` becomes too old, or [Long#MAX_VALUE].
    long expiryOf(long stored) {
        Duration retention = definition.retention();
        return retention == null ? Long.MAX_VALUE : stored + retention.toMillis();
    }

    boolean isTooOld(long stored, long now) {
        return expiryOf(stored) <= now;
    }

    /// When the next message becomes too old that is not leased, or [Long#MAX_VALUE]. What lies
    /// behind the cursor's message is younger than it, or among the ages.
    long nextExpiry() {
        long atCursor = cursor < end ? runs.locate(cursor).stored() : Long.MAX_VALUE;
        long oldest = Math.min(ages.oldest(), atCursor);
        return oldest == Long.MAX_VALUE ? oldest : expiryOf(oldest);
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

    /// Whether a message is in the queue.
    public boolean holds(long sequence) {
        return sequence < cursor
                ? outstanding.contains(sequence)
                : sequence < end && (gaps == 0 || runs.holds(sequence));
    }

    /// The next message after `sequence` in the order of puts, or -1.
    public long next(long sequence) {
        return runs.next(sequence);
    }

    /// What a browsing client sees of a message's state.
    public View.MessageState stateOf(long sequence) {
        Delivery delivery = outstanding.get(sequence);
        if (delivery == null) {
            return View.MessageState.READY;
        }
        return switch (delivery.status) {
            case LEASED -> View.MessageState.LEASED;
            case READY -> View.MessageState.READY;
            case WAITING, STRANDED -> View.MessageState.DELAYED;
        };
    }

    /// What a ready message's next lease builds on.
    public Past past(long sequence, long now) {
        Delivery delivery = outstanding.get(sequence);
        Arrival arrival = arrivals.get(sequence);
        if (delivery != null) {
            return new Past(
                    delivery.deliveries, delivery.attempts, delivery.firstDelivered, arrival);
        }
        if (arrival != null && arrival.firstDelivered() != 0) {
            return new Past(arrival.deliveries(), 0, arrival.firstDelivered(), arrival);
        }
        return new Past(0, 0, now, arrival);
    }

    /// The first message behind a place from the cursor on, or the end.
    long behind(long sequence) {
        if (gaps == 0) {
            return sequence + 1;
        }
        long next = runs.next(sequence);
        return next < 0 ? end : next;
    }

    /// @param fresh how many messages of it may be new
    ReadyOrder readyOrder(int fresh) {
        return new ReadyOrder(this, returned.iterator(), fresh);
    }

    void put(long sequence, Location at, @Nullable Arrival arrival) {
        Invariant.check(sequence == end, "Message %d put where %d was next", sequence, end);
        images.changing();
        images.changing(runs.last());
        end++;
        stored++;
        bytes += at.bytes();
        if (arrival == null) {
            runs.add(sequence, at);
        } else {
            runs.addAlone(sequence, at);
            arrivals.add(sequence, arrival);
            ages.add(at.stored(), sequence);
        }
    }

    /// Leases a ready message; the caller sets the lease's own fields.
    Delivery take(long sequence, long now) {
        images.changing(sequence);
        Delivery delivery = outstanding.get(sequence);
        if (delivery == null) {
            Invariant.check(sequence == cursor, "Took %d, not %d", sequence, cursor);
            Location at = runs.locate(sequence);
            moveCursor(cursor + 1);
            delivery = new Delivery(this, sequence, at.bytes(), at.stored());
            delivery.firstDelivered = now;
            Arrival arrival = arrivals.get(sequence);
            if (arrival != null) {
                delivery.deliveries = arrival.deliveries();
                delivery.firstDelivered =
                        arrival.firstDelivered() == 0 ? now : arrival.firstDelivered();
            }
            outstanding.add(delivery);
        } else {
            Invariant.check(returned.remove(delivery), "Took %d, which is not ready", sequence);
        }
        ages.remove(delivery.stored, sequence);
        delivery.status = Status.LEASED;
        delivery.deliveries++;
        delivery.attempts++;
        leased++;
        return delivery;
    }

    /// Moves the cursor to the first message from `to` on.
    private void moveCursor(long to) {
        cursor = behind(to - 1);
        gaps -= cursor - to;
    }

    /// Ends whatever a message was doing; it is in none of the sets afterwards, but still
    /// outstanding.
    void withdraw(Delivery delivery) {
        switch (delivery.status) {
            case LEASED -> {
                leased--;
                delivery.release();
            }
            case READY -> {
                returned.remove(delivery);
                ages.remove(delivery.stored, delivery.sequence);
            }
            case WAITING, STRANDED -> ages.remove(delivery.stored, delivery.sequence);
        }
    }

    /// It waits for a dead-letter target, for that reason.
    void strand(Delivery delivery, String reason) {
        outstanding.strand(delivery, reason);
        rest(delivery, Status.STRANDED, 0);
    }

    void makeReady(Delivery delivery) {
        rest(delivery, Status.READY, 0);
        returned.add(delivery);
    }

    /// It is not leased any more but waits, until `due` or for something else to happen.
    void rest(Delivery delivery, Status status, long due) {
        delivery.status = status;
        delivery.deadline = due;
        ages.add(delivery.stored, delivery.sequence);
    }

    /// A wait is over: the message stands behind everything that is in the queue now.
    void joinAtEnd(Delivery delivery) {
        images.changing(delivery.sequence);
        delivery.place = end;
        delivery.joined = ++joins;
        makeReady(delivery);
    }

    /// Takes a message out for good.
    ///
    /// @return a position in the file that it lies in
    long remove(Delivery delivery, boolean wasDone) {
        if (wasDone) {
            done++;
        } else {
            dead++;
        }
        return remove(delivery);
    }

    private long remove(Delivery delivery) {
        outstanding.remove(delivery);
        arrivals.remove(delivery.sequence);
        bytes -= delivery.bytes;
        return runs.remove(delivery.sequence, delivery.bytes);
    }

    /// Takes out a message that was handed out before and has become too old.
    ///
    /// @return a position in the file that it lies in
    long expire(Delivery delivery) {
        expired++;
        return remove(delivery);
    }

    /// Takes out what lies from `first` on, was never handed out and has become too old, telling
    /// `live` what is no longer needed.
    void expireFresh(long first, long upTo, LiveRecords live) {
        Invariant.check(
                first >= cursor && first < upTo && upTo <= end,
                "Expired from %d up to %d between %d and %d",
                first,
                upTo,
                cursor,
                end);
        images.changing();
        long gone = 0;
        for (long next = runs.next(first - 1); next >= 0 && next < upTo; next = runs.next(next)) {
            images.changing(next);
            Location at = runs.locate(next);
            if (arrivals.remove(next)) {
                ages.remove(at.stored(), next);
            }
            bytes -= at.bytes();
            live.add(runs.remove(next, at.bytes()), -1, -at.bytes());
            gone++;
        }
        expired += gone;
        if (first == cursor) {
            gaps -= upTo - first - gone;
            moveCursor(upTo);
        } else {
            gaps += gone;
        }
    }

    /// Drops everything below `upTo`, which is everything, telling `live` what is no longer needed.
    void purge(long upTo, LiveRecords live) {
        Invariant.check(upTo == end, "Purged up to %d of %d", upTo, end);
        for (Run run : runs.all()) {
            live.add(run.position(), -run.liveMessages(), -run.liveBytes());
        }
        images.changing();
        if (taken.areTaken()) {
            taken.leave(rest());
        }
        cursor = end;
        outstanding = new Outstanding(heap);
        arrivals = new Arrivals(heap);
        returned.clear();
        ages.clear();
        runs = runs.anew();
        gaps = 0;
        leased = 0;
        bytes = 0;
        heap.clear();
        heap.add(HeapCosts.QUEUE);
    }

    /// All that is in it, for a snapshot that has not got to it yet.
    private QueueState rest() {
        QueueState rest =
                new QueueState(
                        channel, definition, version, created, runs, taken, new HeapAccount());
        rest.outstanding = outstanding;
        rest.arrivals = arrivals;
        return rest;
    }

    /// A run's messages lie in a segment now, unless all of them have been settled since they were
    /// copied.
    void move(Entry.Evacuated.Part part, LiveRecords live) {
        Run run = runs.run(part.first());
        if (run != null) {
            live.add(run.position(), -run.liveMessages(), -run.liveBytes());
            images.changing(run);
            images.changing(runs.before(part.first()));
            runs.move(run, part.position(), part.copied());
            live.add(part.position(), run.liveMessages(), run.liveBytes());
        }
    }

    /// The first run of messages that begins at `from` or after it, as it is to be copied, or null.
    public @Nullable RunCopy runFrom(long from) {
        Run run = runs.runFrom(from);
        return run == null ? null : run.copy(channel);
    }

    /// How many messages were handed out and are not settled.
    public int outstandingMessages() {
        return outstanding.size();
    }

    /// How many messages are in it.
    public long size() {
        return end - cursor - gaps + outstanding.size();
    }

    /// Everything that was handed out and is not settled, in the order of puts.
    List<Delivery> deliveries() {
        return outstanding.inOrder();
    }

    /// Takes back what a snapshot remembers.
    void restore(Delivery delivery) {
        outstanding.add(delivery);
        switch (delivery.status) {
            case LEASED -> leased++;
            case READY -> {
                returned.add(delivery);
                ages.add(delivery.stored, delivery.sequence);
            }
            case WAITING, STRANDED -> ages.add(delivery.stored, delivery.sequence);
        }
    }

    void restore(long sequence, Arrival arrival) {
        arrivals.add(sequence, arrival);
        if (sequence >= cursor) {
            ages.add(runs.locate(sequence).stored(), sequence);
        }
    }
}
