package io.millstream.testkit.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.EvacuationPolicy;
import io.millstream.engine.doctor.Loss;
import io.millstream.engine.io.Disk;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;
import io.millstream.engine.log.Log;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.simulation.SimulatedDisk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/// A directory in memory with every structure on it, left behind by an engine that was killed.
final class Specimen {
    static final int FILE_BYTES = 128 << 10;
    private static final int FILES_MAX = 12;
    static final ChannelName MAIL = ChannelName.of("mail");
    static final ChannelName GRAVE = ChannelName.of("grave");
    static final ChannelName BULK = ChannelName.of("bulk");
    static final ChannelName EVENTS = ChannelName.of("events");
    static final int PARTITIONS = 2;
    private static final ChannelName CHURN = ChannelName.of("churn");
    private static final Duration LONG = Duration.ofHours(10);
    private static final int ROUNDS_MAX = 1000;
    private static final int STEPS_MAX = 100_000;

    private final SplittableRandom random;
    private final ManualClock clock = new ManualClock();
    private final Engine.Stepped engine;
    private final Session session;
    private int number;

    /// Where a message is.
    ///
    /// @param partition of a topic, or [Loss#QUEUE]
    /// @param sequence or offset
    record Place(ChannelName name, int partition, long sequence) implements Comparable<Place> {
        private static final Comparator<Place> IN_ORDER =
                Comparator.comparing(Place::name)
                        .thenComparingInt(Place::partition)
                        .thenComparingLong(Place::sequence);

        @Override
        public int compareTo(Place other) {
            return IN_ORDER.compare(this, other);
        }
    }

    private Specimen(MemoryDisk disk, long seed) throws IOException {
        this.random = new SplittableRandom(seed);
        this.engine = Engine.openStepped(disk, options(clock));
        this.session = engine.engine().session(SessionSpec.of("specimen"));
    }

    static EngineOptions options(ManualClock clock) {
        return EngineOptions.inMemory()
                .withLog(new Log.Settings(FILE_BYTES, FILES_MAX, FILE_BYTES, 2L * FILE_BYTES))
                .withCheckpointBytes(2L * FILE_BYTES)
                .withTime(clock);
    }

    private static EngineOptions withoutMoving(EngineOptions usual) {
        return new EngineOptions(
                usual.log().withFilesMax(2 * FILES_MAX),
                usual.checkpointBytes(),
                new EvacuationPolicy(1, Integer.MAX_VALUE, 0),
                usual.sliceBytes(),
                usual.queuedBytesMax(),
                usual.heapBytesMax(),
                usual.grace(),
                usual.vouch(),
                usual.time());
    }

    /// Log files, both checkpoints, segments; queues with ready, leased, waiting and dead-lettered
    /// messages, and a topic with batches of every age.
    static MemoryDisk make(long seed) throws IOException {
        MemoryDisk disk = new MemoryDisk();
        Specimen specimen = new Specimen(disk, seed);
        specimen.live();
        disk.close();
        return disk;
    }

    private void live() throws IOException {
        commit(define(Definition.Queue.of(GRAVE)));
        commit(define(Definition.Queue.of(MAIL).withDeadLetter(3, GRAVE)));
        commit(define(Definition.Queue.of(BULK)));
        commit(define(Definition.Queue.of(CHURN)));
        commit(
                new Operation.Define(
                        Definition.Topic.of(EVENTS).withPartitions(PARTITIONS),
                        Expect.Nothing.NOTHING));
        for (int round = 0; round < 18; round++) {
            put(BULK, 12);
            put(MAIL, 10);
            append(4);
            work();
            for (int i = 0; i < 6; i++) {
                put(CHURN, 10);
                settle(take(CHURN, 10), Outcome.done());
            }
        }
        for (int i = 0; !hasBothCheckpointsAndALongTail(); i++) {
            assertThat(i).isLessThan(ROUNDS_MAX);
            put(CHURN, 2);
            settle(take(CHURN, 2), Outcome.done());
            put(MAIL, 1);
            put(BULK, i % 3);
            append(1);
            work();
        }
    }

    private boolean hasBothCheckpointsAndALongTail() {
        long tail = engine.engine().stats().logEnd() - engine.engine().stats().checkpointed();
        // Below half of the ring, nothing is moved to segments.
        int files = engine.engine().stats().logFiles();
        return tail > FILE_BYTES && files >= 4 && files <= FILES_MAX / 2;
    }

    private void work() throws IOException {
        List<Lease> leases = take(MAIL, 6);
        for (int i = 0; i < leases.size(); i++) {
            Outcome outcome =
                    switch (i) {
                        case 0 -> Outcome.dead("it is bad");
                        case 1 -> Outcome.retry(LONG);
                        case 2 -> Outcome.retry();
                        case 3, 4 -> Outcome.done();
                        default -> null;
                    };
            if (outcome != null) {
                settle(List.of(leases.get(i)), outcome);
            }
        }
        settle(take(BULK, 2), Outcome.done());
    }

    private static Operation define(Definition.Queue queue) {
        return new Operation.Define(queue, Expect.Nothing.NOTHING);
    }

    private void put(ChannelName queue, int messages) throws IOException {
        if (messages == 0) {
            return;
        }
        List<Operation> puts = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            puts.add(new Operation.Put(queue, message(600)));
        }
        commit(puts.toArray(new Operation[0]));
    }

    private void append(int batches) throws IOException {
        for (int batch = 0; batch < batches; batch++) {
            List<Message> messages = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(3); i++) {
                messages.add(message(300));
            }
            int partition = random.nextInt(PARTITIONS);
            commit(new Operation.Append(EVENTS, partition, messages, null));
        }
    }

    private Message message(int bytesMin) {
        String id = "m" + ++number;
        int bytes = bytesMin + random.nextInt(900);
        String body = (id + " ").repeat(bytes / id.length()).substring(0, bytes);
        return Message.builder(body).id(id).build();
    }

    private List<Lease> take(ChannelName queue, int messages) throws IOException {
        Term term = new Term.Timed(LONG);
        Take take = Take.of(queue, messages, term, Duration.ZERO);
        return ((Taken.Leased) done(session.take(take).stage())).leases();
    }

    private void settle(List<Lease> leases, Outcome outcome) throws IOException {
        for (Lease lease : leases) {
            commit(new Operation.Settle(lease.handle(), outcome, Operation.Stale.REFUSE));
        }
    }

    private void commit(Operation... operations) throws IOException {
        clock.advance(Duration.ofMillis(7));
        assertThat(done(session.commit(Commit.of(operations))))
                .isInstanceOf(Receipt.Committed.class);
    }

    private <T> T done(CompletionStage<T> stage) throws IOException {
        return done(engine, stage);
    }

    private static <T> T done(Engine.Stepped any, CompletionStage<T> stage) throws IOException {
        boolean worked = true;
        for (int i = 0; i < STEPS_MAX && (worked || !stage.toCompletableFuture().isDone()); i++) {
            worked = any.loop();
            worked |= any.writer();
            worked |= any.background();
            worked |= any.reader();
            worked |= any.answers();
        }
        assertThat(stage.toCompletableFuture()).isDone();
        return stage.toCompletableFuture().join();
    }

    /// A copy with its own life.
    static MemoryDisk copy(MemoryDisk disk) throws IOException {
        MemoryDisk copy = new MemoryDisk();
        for (Map.Entry<String, ByteBuffer> file : contents(disk).entrySet()) {
            try (StoredFile to = copy.open(file.getKey())) {
                to.write(file.getValue(), 0);
            }
        }
        return copy;
    }

    /// Every byte.
    static Map<String, ByteBuffer> contents(MemoryDisk disk) throws IOException {
        Map<String, ByteBuffer> contents = new TreeMap<>();
        for (String name : disk.list()) {
            try (StoredFile file = disk.open(name)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
                file.read(bytes, 0);
                contents.put(name, bytes.flip());
            }
        }
        return contents;
    }

    /// Opens it and looks at every message.
    static Map<Place, Message> open(Disk disk) throws IOException {
        Engine.Stepped engine = Engine.openStepped(disk, options(new ManualClock()));
        Map<Place, Message> found = new TreeMap<>();
        for (View.QueueView queue : done(engine, engine.engine().find(queues())).page().items()) {
            ChannelName name = queue.definition().name();
            String after = null;
            do {
                Page<View.MessageView> page =
                        done(
                                        engine,
                                        engine.engine()
                                                .find(new Query.Browse(name, 1 << 20, after, 100)))
                                .page();
                page.items()
                        .forEach(view ->
                                found.put(
                                        new Place(name, Loss.QUEUE, view.sequence()),
                                        view.message()));
                after = page.next();
            } while (after != null);
        }
        for (View.TopicView topic : done(engine, engine.engine().find(topics())).page().items()) {
            for (int partition = 0; partition < topic.partitions().size(); partition++) {
                readAll(engine, topic.definition().name(), partition, 100, found);
            }
        }
        leave(disk);
        return found;
    }

    /// Opens it, and reads and works off everything, one message at a time, once all leases and
    /// waits have ended.
    ///
    /// @param moves whether the engine moves messages in the background, which reads them too
    /// @param given what it handed out, in this order, also if it fails
    static void consume(Disk disk, boolean moves, Map<Place, Message> given) throws IOException {
        ManualClock later = new ManualClock();
        EngineOptions options = moves ? options(later) : withoutMoving(options(later));
        Engine.Stepped engine = Engine.openStepped(disk, options);
        for (View.TopicView topic : done(engine, engine.engine().find(topics())).page().items()) {
            for (int partition = 0; partition < topic.partitions().size(); partition++) {
                readAll(engine, topic.definition().name(), partition, 1, given);
            }
        }
        later.advance(LONG.multipliedBy(2));
        Session session = engine.engine().session(SessionSpec.of("consumer"));
        for (View.QueueView queue : done(engine, engine.engine().find(queues())).page().items()) {
            ChannelName name = queue.definition().name();
            Take take = Take.of(name, 1, Term.Auto.AUTO, Duration.ZERO);
            List<Lease> leases;
            do {
                leases = ((Taken.Leased) done(engine, session.take(take).stage())).leases();
                leases.forEach(lease ->
                        given.put(
                                new Place(name, Loss.QUEUE, lease.handle().sequence()),
                                lease.message()));
            } while (!leases.isEmpty());
        }
        leave(disk);
    }

    private static void readAll(
            Engine.Stepped engine,
            ChannelName topic,
            int partition,
            int atOnce,
            Map<Place, Message> found)
            throws IOException {
        Session session = engine.engine().session(SessionSpec.of("reader"));
        try (TopicReader reader = session.read(new From.Offset(topic, partition, 0))) {
            List<TopicRecord> records;
            do {
                Fetched fetched = done(engine, reader.next(atOnce, 1 << 20, Duration.ZERO).stage());
                records = ((Fetched.Records) fetched).records();
                records.forEach(record ->
                        found.put(new Place(topic, partition, record.offset()), record.message()));
            } while (!records.isEmpty());
        }
    }

    /// As if the process that has it had been killed.
    static void leave(Disk disk) throws IOException {
        if (disk instanceof SimulatedDisk simulated) {
            simulated.kill();
        } else {
            disk.close();
        }
    }

    /// Opens it, works everything off that is ready, puts something into each queue, and stops in
    /// order.
    ///
    /// @return the ids of what was worked off
    static Set<String> drain(Disk disk) throws IOException {
        Engine.Stepped engine = Engine.openStepped(disk, options(new ManualClock()));
        Session session = engine.engine().session(SessionSpec.of("drain"));
        Set<String> ids = new HashSet<>();
        for (View.QueueView queue : done(engine, engine.engine().find(queues())).page().items()) {
            ChannelName name = queue.definition().name();
            Take take = Take.of(name, 7, new Term.Timed(LONG), Duration.ZERO);
            List<Lease> leases;
            do {
                leases = ((Taken.Leased) done(engine, session.take(take).stage())).leases();
                for (Lease lease : leases) {
                    assertThat(ids.add(lease.message().id())).isTrue();
                    Operation settle =
                            new Operation.Settle(
                                    lease.handle(), Outcome.done(), Operation.Stale.REFUSE);
                    assertThat(done(engine, session.commit(Commit.of(settle))))
                            .isInstanceOf(Receipt.Committed.class);
                }
            } while (!leases.isEmpty());
            Message fresh = Message.builder(Bytes.utf8("new")).id("new in " + name).build();
            assertThat(done(engine, session.commit(Commit.of(new Operation.Put(name, fresh)))))
                    .isInstanceOf(Receipt.Committed.class);
        }
        engine.stop();
        for (int i = 0; i < STEPS_MAX && !engine.isFinished(); i++) {
            engine.loop();
            engine.writer();
            engine.background();
            engine.answers();
        }
        leave(disk);
        return ids;
    }

    /// The same on a disk that can be cut off.
    static SimulatedDisk simulated(MemoryDisk disk, long seed) throws IOException {
        SimulatedDisk copy = new SimulatedDisk(new SplittableRandom(seed));
        for (Map.Entry<String, ByteBuffer> file : contents(disk).entrySet()) {
            try (StoredFile to = copy.open(file.getKey())) {
                to.write(file.getValue(), 0);
                to.sync();
            }
        }
        copy.syncDirectory();
        return copy;
    }

    private static Query.Topics topics() {
        return new Query.Topics("/", "", null, 100);
    }

    private static Query.Queues queues() {
        return new Query.Queues("/", "", null, 100);
    }
}
