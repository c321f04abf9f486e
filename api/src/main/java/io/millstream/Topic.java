package io.millstream;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Partitioner;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/// A topic of typed events: kept in order, read by any number of readers as often as they like.
///
/// ```java
/// Topic<String> orders = millstream.topic("orders", Codec.text());
/// orders.publish("order-7", "paid");
/// orders.subscribe("billing", event -> System.out.println(event.data()));
/// ```
///
/// Threading, blocking and failures are those of [Millstream].
///
/// @param <T> what the events carry
public final class Topic<T> {
    private static final int READ_RECORDS = 500;
    static final long READ_BYTES = 1 << 20;

    /// Topics rarely grow; when one does, its publishers know it after so long.
    private static final long KNOWN_NANOS = 5_000_000_000L;

    private final Backend backend;
    private final Session session;
    private final ChannelName name;
    private final Codec<T> codec;
    private final AtomicInteger turn = new AtomicInteger();
    private volatile Known known;

    /// What it was, and when that was looked up.
    private record Known(View.TopicView view, long atNanos) {
        int partitions() {
            return view.definition().partitions();
        }

        boolean countsKeys() {
            return view.definition().versionedKeys() > 0;
        }
    }

    Topic(Backend backend, Session session, ChannelName name, Codec<T> codec) {
        this.backend = backend;
        this.session = session;
        this.name = name;
        this.codec = codec;
        this.known = lookUp();
    }

    private Known lookUp() {
        return new Known(view(), System.nanoTime());
    }

    /// What it is called.
    public ChannelName name() {
        return name;
    }

    /// Publishes an event without a key, in any partition. Blocks until it is on disk.
    ///
    /// @return its offset
    public long publish(T data) {
        return publish(Event.of(data));
    }

    /// Publishes an event behind all others of its key. Blocks until it is on disk.
    ///
    /// @return its offset in the key's partition
    public long publish(String key, T data) {
        return publish(Event.of(data).withKey(key));
    }

    /// Publishes an event. Blocks until it is on disk, and as long as the store is busy.
    ///
    /// @return its offset in its partition
    /// @throws RefusedException if the topic is gone, or the event too large
    public long publish(Event<T> event) {
        return ((Receipt.Effect.Appended) append(List.of(event), null)).first();
    }

    /// Publishes events of one key, all or none, if `version` events of that key have been
    /// published so far: so of several that decide by the same past only one succeeds. Blocks until
    /// it is on disk.
    ///
    /// The topic counts its keys if it is defined so; see
    /// [io.millstream.api.Definition.Topic#versionedKeys].
    ///
    /// @return the version that the key has now
    /// @throws RefusedException with [Refusal.Conflict], which says the key's version, if another
    ///   was faster: read what is new, decide again
    public long publish(String key, long version, List<T> data) {
        if (data.isEmpty()) {
            throw new IllegalArgumentException("There is no event to publish for key " + key);
        }
        List<Event<T>> events = new ArrayList<>(data.size());
        for (T one : data) {
            events.add(Event.of(one).withKey(key));
        }
        append(events, version);
        return version + data.size();
    }

    /// The operation that publishes `event`, to be done in one commit with others, for example with
    /// the settling of the message that caused it: see [Millstream#commit].
    public Operation publishing(Event<T> event) {
        return appending(List.of(event), null, known());
    }

    private Receipt.Effect append(List<Event<T>> events, @Nullable Long expectedVersion) {
        if (expectedVersion != null || known().countsKeys()) {
            return whileUnchanged(by -> appending(events, expectedVersion, by));
        }
        Operation append = appending(events, expectedVersion, known());
        return Waiting.forRoom(session, Commit.of(append)).effects().getFirst();
    }

    /// Does what was decided by what is known of the topic, if that is still so, or else decides
    /// anew. A version counted in a partition that the key has left would be wrong for ever, and a
    /// cursor of a topic that is gone means nothing in the next one of its name.
    private Receipt.Effect whileUnchanged(Function<Known, Operation> decide) {
        while (true) {
            Known by = known();
            Operation unchanged =
                    new Operation.CheckDefinition(name, new Expect.Version(by.view.version()));
            try {
                return Waiting.forRoom(session, Commit.of(unchanged, decide.apply(by)))
                        .effects()
                        .getLast();
            } catch (RefusedException refused) {
                known = lookUp();
                if (known.view.version() == by.view.version()) {
                    throw refused;
                }
            }
        }
    }

    private Operation appending(List<Event<T>> events, @Nullable Long expectedVersion, Known by) {
        List<Message> messages = new ArrayList<>(events.size());
        for (Event<T> event : events) {
            messages.add(CloudEvents.message(event, codec, name.name()));
        }
        Bytes key = messages.getFirst().key();
        int partition =
                key == null
                        ? (turn.getAndIncrement() & Integer.MAX_VALUE) % by.partitions()
                        : Partitioner.partitionOf(key, by.partitions());
        return new Operation.Append(name, partition, messages, expectedVersion);
    }

    private Known known() {
        if (System.nanoTime() - known.atNanos > KNOWN_NANOS) {
            known = lookUp();
        }
        return known;
    }

    /// The topic as it is now.
    ///
    /// @throws RefusedException if it is gone
    public View.TopicView view() {
        return Waiting.on(backend.find(new Query.TopicNamed(name))).page().items().stream()
                .findFirst()
                .orElseThrow(() -> new RefusedException(new Refusal.NoSuchChannel(name)));
    }

    /// Hands everything that is kept now to `reader`, each partition in order, on this thread. Ends
    /// when it has come to what was the end when it began, or to the last record before it if a
    /// repair has given up those behind.
    ///
    /// @throws StoppedException if the store is closed meanwhile
    public void replay(Consumer<StoredEvent<T>> reader) {
        List<View.PartitionView> partitions = view().partitions();
        for (int partition = 0; partition < partitions.size(); partition++) {
            replay(partition, partitions.get(partition), null, reader);
        }
    }

    /// As [#replay(Consumer)], the events of one key only. Reads the key's whole partition.
    public void replay(String key, Consumer<StoredEvent<T>> reader) {
        Bytes bytes = Bytes.utf8(key);
        List<View.PartitionView> partitions = view().partitions();
        int partition = Partitioner.partitionOf(bytes, partitions.size());
        replay(partition, partitions.get(partition), bytes, reader);
    }

    private void replay(
            int partition,
            View.PartitionView kept,
            @Nullable Bytes key,
            Consumer<StoredEvent<T>> reader) {
        try (TopicReader records = session.read(new From.Offset(name, partition, kept.start()))) {
            long next = kept.start();
            while (next < kept.end()) {
                List<TopicRecord> read = next(records, READ_BYTES, Duration.ZERO).records();
                if (read.isEmpty()) {
                    requireOpen(partition);
                    return;
                }
                for (TopicRecord record : read) {
                    next = record.offset() + 1;
                    if (next <= kept.end()
                            && (key == null || Objects.equals(key, record.message().key()))) {
                        reader.accept(CloudEvents.event(record, codec, name.name()));
                    }
                }
            }
        }
    }

    /// A read without a wait gives nothing before the end for two reasons: a repair has given up
    /// what was last, and then the rest is read; or the session was closed, and nobody knows. A
    /// closed session opens no reader.
    private void requireOpen(int partition) {
        try (TopicReader another = session.read(new From.Offset(name, partition, 0))) {
            Objects.requireNonNull(another);
        } catch (IllegalStateException closed) {
            throw new StoppedException(
                    "The store was closed while topic %s was replayed. Open it and replay again."
                            .formatted(name));
        }
    }

    static Fetched.Records next(TopicReader reader, long bytes, Duration wait) {
        return switch (Waiting.on(reader.next(READ_RECORDS, bytes, wait).stage())) {
            case Fetched.Records records -> records;
            case Fetched.Refused refused -> throw new RefusedException(refused.refusal());
        };
    }

    /// Hands every event to `handler`, from the oldest that is kept on, each partition in order on
    /// a virtual thread of its own, until the subscription is closed. Partitions that the topic
    /// gets later are followed, too, within 5 seconds.
    ///
    /// How far it has come is kept under `cursor`: a subscription of the same name goes on there,
    /// also after a restart. An event may be handled again if the process dies between handling it
    /// and noting so: handle events so that this is harmless, or see [Inbox]. An event that the
    /// handler fails on is tried again, after a pause that grows to half a minute, and holds up its
    /// partition meanwhile; a handler that wants to go on catches its exceptions.
    ///
    /// All partitions together read about 8 MiB ahead of the handler, each an even share of at most
    /// 1 MiB and 500 events. What is read at once has one event at least and may have 64 KiB, so
    /// with more than 128 partitions it can be 64 KiB for each.
    ///
    /// Blocks until it is known where the cursor stands; the handler runs on other threads.
    ///
    /// @param cursor 1 to 255 characters; one subscription at a time should have it
    /// @throws IllegalArgumentException if that cannot be a cursor's name
    /// @throws RefusedException if the topic is gone
    public TopicSubscription subscribe(String cursor, EventHandler<T> handler) {
        // Refuses a bad name here, not on another thread when the first event has been handled.
        var _ = new Operation.MoveCursor(name, 0, cursor, 0);
        Session own = backend.session(SessionSpec.of("subscription " + cursor));
        try {
            return new TopicSubscription(cursor, own, this, handler);
        } catch (RuntimeException | Error failed) {
            own.close();
            throw failed;
        }
    }

    /// The topic as it is now, if it is still in this life.
    ///
    /// @throws RefusedException if it is gone, even if there is another of its name
    View.TopicView view(long incarnation) {
        View.TopicView now = view();
        if (now.incarnation() != incarnation) {
            throw new RefusedException(new Refusal.NoSuchChannel(name));
        }
        return now;
    }

    /// The offsets at which a cursor stands, one for each partition.
    List<Long> cursor(String cursor) {
        return Waiting.on(backend.find(new Query.Cursors(name, cursor, null, 1)))
                .page()
                .items()
                .stream()
                .filter(view -> view.name().equals(cursor))
                .map(View.CursorView::offsets)
                .findFirst()
                .orElseGet(() -> view().partitions().stream().map(one -> 0L).toList());
    }

    /// Does nothing, if the topic is still in this life. Costs little, however many partitions
    /// there are, unlike a view.
    ///
    /// @throws RefusedException if it is gone, even if there is another of its name
    void requireIncarnation(long incarnation) {
        whileIncarnation(
                incarnation, new Operation.CheckDefinition(name, Expect.Anything.ANYTHING));
    }

    /// Notes that a cursor stands here, in this life of the topic. On the topic's own session: the
    /// subscription's is closed when the last note is made.
    ///
    /// @throws RefusedException if it is gone, even if there is another of its name
    void note(long incarnation, String cursor, int partition, long offset) {
        whileIncarnation(incarnation, new Operation.MoveCursor(name, partition, cursor, offset));
    }

    private void whileIncarnation(long incarnation, Operation operation) {
        var _ =
                whileUnchanged(by -> {
                    if (by.view.incarnation() != incarnation) {
                        throw new RefusedException(new Refusal.NoSuchChannel(name));
                    }
                    return operation;
                });
    }

    StoredEvent<T> event(TopicRecord record) {
        return CloudEvents.event(record, codec, name.name());
    }
}
