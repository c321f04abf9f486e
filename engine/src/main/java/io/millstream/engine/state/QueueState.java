package io.millstream.engine.state;

import io.millstream.api.Definition;
import io.millstream.api.View;
import io.millstream.engine.state.Delivery.Status;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
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

    private long cursor = 1;
    private long end = 1;
    private final Images images;
    private int imaged;
    private Runs runs;
    private LongMap<Delivery> outstanding = new LongMap<>();
    private LongMap<Arrival> arrivals = new LongMap<>();
    private final TreeSet<Delivery> returned = new TreeSet<>(BY_PLACE);
    private int leased;
    private long bytes;
    private long stored;
    private long done;
    private long dead;
    private long joins;

    QueueState(
            long channel,
            Definition.Queue definition,
            long version,
            long created,
            Runs runs,
            Images images) {
        this.channel = channel;
        this.definition = definition;
        this.version = version;
        this.created = created;
        this.modified = created;
        this.runs = runs;
        this.images = images;
        this.imaged = images.number();
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
        return leased < definition.maxInFlight() && (cursor < end || !returned.isEmpty());
    }

    /// How many messages are leased.
    public int leased() {
        return leased;
    }

    /// What is in it and has passed through it.
    public View.QueueCounts counts() {
        long delayed = (long) outstanding.size() - leased - returned.size();
        return new View.QueueCounts(
                end - cursor + returned.size(), leased, delayed, bytes, stored, done, dead);
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
        return sequence >= cursor ? sequence < end : outstanding.contains(sequence);
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

    /// What a message's next lease builds on.
    ///
    /// @param deliveries how often it was handed out
    /// @param attempts how many of those count
    /// @param firstDelivered when it was first handed out, or now
    /// @param arrival what it brought along, or null
    public record Past(
            int deliveries, int attempts, long firstDelivered, @Nullable Arrival arrival) {}

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

    /// Messages in the order they would be handed out; changes nothing.
    final class ReadyOrder {
        private final Iterator<Delivery> again = returned.iterator();
        private @Nullable Delivery nextAgain = again.hasNext() ? again.next() : null;
        private long nextNew = cursor;

        /// The next sequence, or -1 when there is none.
        long next() {
            Delivery first = nextAgain;
            if (first != null && first.place <= nextNew) {
                nextAgain = again.hasNext() ? again.next() : null;
                return first.sequence;
            }
            if (nextNew < end) {
                return nextNew++;
            }
            return -1;
        }
    }

    ReadyOrder readyOrder() {
        return new ReadyOrder();
    }

    void put(long sequence, Location at, @Nullable Arrival arrival) {
        Invariant.check(sequence == end, "Message %d put where %d was next", sequence, end);
        changing();
        changing(runs.last());
        end++;
        stored++;
        bytes += at.bytes();
        if (arrival == null) {
            runs.add(sequence, at);
        } else {
            runs.addAlone(sequence, at);
            arrivals.put(sequence, arrival);
        }
    }

    /// Leases a ready message; the caller sets the lease's own fields.
    Delivery take(long sequence, long now) {
        changing(sequence);
        Delivery delivery = outstanding.get(sequence);
        if (delivery == null) {
            Invariant.check(sequence == cursor, "Took %d, not %d", sequence, cursor);
            cursor++;
            delivery = new Delivery(this, sequence, runs.locate(sequence).bytes());
            delivery.firstDelivered = now;
            Arrival arrival = arrivals.get(sequence);
            if (arrival != null) {
                delivery.deliveries = arrival.deliveries();
                delivery.firstDelivered =
                        arrival.firstDelivered() == 0 ? now : arrival.firstDelivered();
            }
            outstanding.put(sequence, delivery);
        } else {
            Invariant.check(returned.remove(delivery), "Took %d, which is not ready", sequence);
        }
        delivery.status = Status.LEASED;
        delivery.deliveries++;
        delivery.attempts++;
        leased++;
        return delivery;
    }

    /// Ends whatever a message was doing; it is in none of the sets afterwards, but still
    /// outstanding.
    void withdraw(Delivery delivery) {
        switch (delivery.status) {
            case LEASED -> {
                leased--;
                delivery.release();
            }
            case READY -> returned.remove(delivery);
            case WAITING, STRANDED -> {}
        }
    }

    void makeReady(Delivery delivery) {
        delivery.status = Status.READY;
        delivery.deadline = 0;
        returned.add(delivery);
    }

    /// A wait is over: the message stands behind everything that is in the queue now.
    void joinAtEnd(Delivery delivery) {
        changing(delivery.sequence);
        delivery.place = end;
        delivery.joined = ++joins;
        delivery.status = Status.READY;
        delivery.deadline = 0;
        returned.add(delivery);
    }

    /// Takes a message out for good.
    ///
    /// @return a position in the file that it lies in
    long remove(Delivery delivery, boolean wasDone) {
        outstanding.remove(delivery.sequence);
        arrivals.remove(delivery.sequence);
        long file = runs.remove(delivery.sequence, delivery.bytes);
        bytes -= delivery.bytes;
        if (wasDone) {
            done++;
        } else {
            dead++;
        }
        return file;
    }

    /// Drops everything below `upTo`, which is everything, telling `live` what is no longer needed.
    void purge(long upTo, LiveRecords live) {
        Invariant.check(upTo == end, "Purged up to %d of %d", upTo, end);
        for (Run run : runs.all()) {
            live.add(run.position(), -run.liveMessages(), -run.liveBytes());
        }
        changing();
        if (images.areTaken()) {
            images.leave(rest());
        }
        cursor = end;
        outstanding = new LongMap<>();
        arrivals = new LongMap<>();
        returned.clear();
        runs = runs.anew();
        leased = 0;
        bytes = 0;
    }

    /// All that is in it, for a snapshot that has not got to it yet.
    private QueueState rest() {
        QueueState rest = new QueueState(channel, definition, version, created, runs, images);
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
            changing(run);
            changing(runs.before(part.first()));
            runs.move(run, part.position(), part.copied());
            live.add(part.position(), run.liveMessages(), run.liveBytes());
        }
    }

    /// The first run of messages that begins at `from` or after it, as it is to be copied, or null.
    public @Nullable RunCopy runFrom(long from) {
        Run run = runs.runFrom(from);
        return run == null ? null : run.copy(channel);
    }

    /// How many messages are in it.
    public long size() {
        return end - cursor + outstanding.size();
    }

    /// Everything that was handed out and is not settled, in the order of puts.
    List<Delivery> deliveries() {
        List<Delivery> all = new ArrayList<>(outstanding.size());
        for (long sequence : outstanding.sortedKeys()) {
            Delivery delivery = outstanding.get(sequence);
            if (delivery != null) {
                all.add(delivery);
            }
        }
        return all;
    }

    /// Comes before anything that is not part of a message changes.
    void changing() {
        if (images.lack(imaged)) {
            imaged = images.number();
            writeHead(images.out());
            images.cut();
        }
    }

    /// Comes before anything of a message changes.
    void changing(long sequence) {
        if (images.areTaken()) {
            changing();
            changing(runs.runOf(sequence));
        }
    }

    private void changing(@Nullable Run run) {
        if (run != null && images.lack(run.imaged)) {
            changing();
            run.imaged = images.number();
            writeRun(run, images.out());
            images.cut();
        }
    }

    /// Has the first run that begins at `from` or later written, unless it was.
    ///
    /// @return from where to go on, or -1 at the end
    long imageFrom(long from) {
        changing();
        Run run = runs.runFrom(from);
        changing(run);
        return run == null ? -1 : run.first() + 1;
    }

    void write(Output out) {
        writeHead(out);
        runs.all().forEach(run -> writeRun(run, out));
    }

    private void writeHead(Output out) {
        out.byteValue(Images.QUEUE);
        out.varint(channel);
        EntryCodec.encodeQueue(definition, out);
        long[] numbers = {
            version, created, modified, cursor, end, bytes, stored, done, dead, joins
        };
        for (long number : numbers) {
            out.varint(number);
        }
    }

    /// What follows [Images#QUEUE].
    static QueueState readHead(Input in, Images images, long fileBytes) {
        long channel = in.varint();
        Definition.Queue definition = EntryCodec.decodeQueue(in);
        Runs runs = new Runs(fileBytes, images);
        QueueState queue =
                new QueueState(channel, definition, in.varint(), in.varint(), runs, images);
        queue.modified = in.varint();
        queue.cursor = in.varint();
        queue.end = in.varint();
        queue.bytes = in.varint();
        queue.stored = in.varint();
        queue.done = in.varint();
        queue.dead = in.varint();
        queue.joins = in.varint();
        return queue;
    }

    private void writeRun(Run run, Output out) {
        out.byteValue(Images.RUN);
        out.varint(channel);
        run.write(out);
        List<Delivery> delivered = new ArrayList<>();
        List<Long> arrived = new ArrayList<>();
        for (long s = run.nextLive(0); s >= 0; s = run.nextLive(s + 1)) {
            Delivery delivery = outstanding.get(s);
            if (delivery != null) {
                delivered.add(delivery);
            }
            if (arrivals.contains(s)) {
                arrived.add(s);
            }
        }
        out.varint(delivered.size());
        delivered.forEach(delivery -> DeliveryCodec.write(delivery, out));
        out.varint(arrived.size());
        for (long s : arrived) {
            out.varint(s);
            Invariant.present(arrivals.get(s), "No arrival of %d", s).write(out);
        }
    }

    /// Takes in what follows [Images#RUN] and the channel.
    ///
    /// @return what was handed out and is not settled
    List<Delivery> readRun(Input in, LiveRecords live) {
        Run run = Run.read(in);
        runs.restore(run);
        live.add(run.position(), run.liveMessages(), run.liveBytes());
        List<Delivery> delivered = new ArrayList<>();
        for (int i = in.size(); i > 0; i--) {
            Delivery delivery = DeliveryCodec.read(this, in);
            restore(delivery);
            delivered.add(delivery);
        }
        for (int i = in.size(); i > 0; i--) {
            arrivals.put(in.varint(), Arrival.read(in));
        }
        return delivered;
    }

    private void restore(Delivery delivery) {
        outstanding.put(delivery.sequence, delivery);
        switch (delivery.status) {
            case LEASED -> leased++;
            case READY -> returned.add(delivery);
            case WAITING, STRANDED -> {}
        }
    }
}
