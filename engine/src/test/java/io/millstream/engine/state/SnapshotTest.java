package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Via;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.position.Positions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/// A snapshot that is taken a slice at a time has the state as it was when it was begun, whatever
/// happens meanwhile.
class SnapshotTest {
    private static final int FILE_BYTES = 64 << 10;

    private final State state = new State(FILE_BYTES);
    private final List<ByteBuffer> slices = new ArrayList<>();

    /// What has happened since the snapshot was begun.
    private final List<Consumer<State>> log = new ArrayList<>();

    private Random random = new Random(1);
    private long position = 4096;
    private int segment;
    private final TopicChanges topics = new TopicChanges(state, this::apply);
    private final RouteChanges routes = new RouteChanges(state, this::apply);

    private static byte[] bytes(State any) {
        Output out = new Output(64);
        any.write(out);
        return out.toArray();
    }

    private static State loaded(List<ByteBuffer> slices) {
        State loaded = new State(FILE_BYTES);
        slices.forEach(slice -> loaded.load(slice.duplicate()));
        loaded.loaded();
        return loaded;
    }

    private void apply(Entry entry) {
        long at = position;
        state.apply(entry, at, 100);
        log.add(other -> other.apply(entry, at, 100));
        position += 100 + (random.nextInt(4) == 0 ? random.nextInt(9000) : 0);
    }

    private void collect(Snapshot snapshot) {
        snapshot.drainTo(slices::add);
    }

    private static List<ByteBuffer> drained(Snapshot snapshot) {
        List<ByteBuffer> drained = new ArrayList<>();
        snapshot.drainTo(drained::add);
        return drained;
    }

    private void takeWhile(int sliceBytes, int changesMax) {
        slices.clear();
        log.clear();
        byte[] begun = bytes(state);
        Snapshot snapshot = state.beginSnapshot(sliceBytes);
        while (!snapshot.isDone()) {
            for (int i = random.nextInt(changesMax + 1); i > 0; i--) {
                change();
            }
            snapshot.advance();
            collect(snapshot);
        }
        change();
        assertThat(drained(snapshot)).isEmpty();
        State loaded = loaded(slices);
        assertThat(bytes(loaded)).isEqualTo(begun);
        log.forEach(each -> each.accept(loaded));
        assertThat(bytes(loaded)).as("what came after it done once").isEqualTo(bytes(state));
    }

    private void change() {
        switch (random.nextInt(22)) {
            case 0 -> define();
            case 1, 2, 3, 4 -> puts();
            case 5, 6, 7 -> take();
            case 8, 9, 10 -> letGo();
            case 11 -> row();
            case 12 -> pass();
            case 13 -> expire();
            case 14, 15, 16 -> topics.change(random);
            case 17, 18 -> routes.change(random);
            case 19, 20 -> fanOut();
            default -> rarely();
        }
    }

    private void rarely() {
        QueueState queue = any();
        if (queue == null) {
            return;
        }
        switch (random.nextInt(7)) {
            case 0 -> apply(new Entry.Purged(queue.channel(), queue.end()));
            case 1 -> apply(new Entry.QueueRemoved(queue.channel(), state.versions() + 1));
            case 2 -> apply(new Entry.Opened(state.epoch() + 1, 200));
            case 3 -> apply(new Entry.Restored(state.epoch() + 1000));
            default -> evacuate();
        }
    }

    private void define() {
        ChannelName name = ChannelName.of("queue-" + random.nextInt(8));
        QueueState old = state.queue(name);
        long channel = old == null ? state.channels() + 1 : old.channel();
        Definition.Queue queue = Definition.Queue.of(name);
        if (random.nextInt(3) > 0) {
            queue = queue.withRetention(Duration.ofMillis(1 + random.nextInt(300)));
        }
        apply(new Entry.QueueDefined(channel, state.versions() + 1, queue));
    }

    private void expire() {
        for (QueueState queue = state.overdue(); queue != null; queue = state.overdue()) {
            apply(ExpiryDecider.decide(state, queue, 1 + random.nextInt(50)));
        }
    }

    private QueueState any() {
        List<QueueState> all = all();
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    private List<QueueState> all() {
        List<QueueState> all = new ArrayList<>();
        for (QueueState q = state.queueAfter(0); q != null; q = state.queueAfter(q.channel())) {
            all.add(q);
        }
        return all;
    }

    private void puts() {
        QueueState queue = any();
        for (int i = random.nextInt(queue == null ? 1 : 100); i > 0; i--) {
            apply(new Entry.Put(queue.channel(), queue.end(), new byte[0]));
        }
    }

    private void fanOut() {
        for (int i = random.nextInt(50); i > 0; i--) {
            List<Entry.FannedOut.Slot> slots = new ArrayList<>();
            for (QueueState queue : all()) {
                if (random.nextBoolean()) {
                    slots.add(new Entry.FannedOut.Slot(queue.channel(), queue.end()));
                }
            }
            if (!slots.isEmpty()) {
                apply(new Entry.FannedOut(slots, new byte[0]));
            }
        }
    }

    private void take() {
        QueueState queue = any();
        if (queue == null) {
            return;
        }
        ReadyOrder order = new ReadyOrder(queue, Integer.MAX_VALUE);
        List<Long> sequences = new ArrayList<>();
        for (int i = random.nextInt(40); i > 0; i--) {
            long next = order.next();
            if (next > 0) {
                sequences.add(next);
            }
        }
        long[] deadlines = {Entry.Taken.SESSION, Entry.Taken.AUTO, state.now() + 100};
        long[] taken = sequences.stream().mapToLong(Long::longValue).toArray();
        if (taken.length > 0) {
            apply(new Entry.Taken(queue.channel(), deadlines[random.nextInt(3)], taken));
        }
    }

    private void letGo() {
        QueueState queue = any();
        List<Delivery> all = queue == null ? List.of() : queue.deliveries();
        for (Delivery delivery : all) {
            if (delivery.isLeased() && random.nextInt(3) == 0) {
                letGo(delivery);
            }
        }
    }

    private void letGo(Delivery delivery) {
        long channel = delivery.queue().channel();
        long sequence = delivery.sequence();
        switch (random.nextInt(6)) {
            case 0 -> {
                Entry.Uncount uncount = Entry.Uncount.of(random.nextInt(3));
                long due = random.nextBoolean() ? 0 : state.now() + random.nextInt(50);
                apply(new Entry.Returned(channel, sequence, due, uncount));
            }
            case 1 -> {
                QueueState target = any();
                apply(
                        new Entry.Moved(
                                channel,
                                sequence,
                                target.channel(),
                                target.end(),
                                Via.Cause.REJECTED,
                                "why"));
            }
            case 2 -> apply(new Entry.Stranded(channel, sequence, Via.Cause.REJECTED, "no target"));
            case 3 -> {
                if (!delivery.isSessionBound()) {
                    apply(new Entry.Extended(channel, sequence, state.now() + 500));
                }
            }
            default -> apply(new Entry.Settled(channel, sequence, random.nextBoolean()));
        }
    }

    private void row() {
        String key = "key-" + random.nextInt(20);
        String table = "table-" + random.nextInt(3);
        Bytes value = random.nextInt(3) == 0 ? null : Bytes.utf8("v" + random.nextInt(100));
        long expiry = random.nextBoolean() ? 0 : state.now() + 1 + random.nextInt(200);
        apply(new Entry.RowWritten(table, key, value, state.versions() + 1, expiry));
    }

    private void pass() {
        long now = state.now() + random.nextInt(30);
        state.advance(now);
        log.add(other -> other.advance(now));
    }

    private void evacuate() {
        segment++;
        long offset = 4096;
        for (QueueState queue : all()) {
            List<Entry.Evacuated.Part> parts = new ArrayList<>();
            for (RunCopy run = queue.runFrom(0); run != null; ) {
                if (random.nextBoolean()) {
                    long to = Positions.inSegment(segment, offset);
                    parts.add(new Entry.Evacuated.Part(run.first(), to, run.copied()));
                    offset += run.bytes();
                }
                run = queue.runFrom(run.first() + 1);
            }
            apply(new Entry.Evacuated(queue.channel(), parts));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void it_has_what_was_there_when_it_was_begun(int seed) {
        random = new Random(seed);
        state.advance(1000);
        for (int i = 0; i < 200; i++) {
            change();
        }
        for (int round = 0; round < 30; round++) {
            takeWhile(1 + random.nextInt(2000), random.nextInt(20));
        }
    }

    @Test
    void slices_are_about_as_large_as_asked() {
        apply(new Entry.QueueDefined(1, 1, Definition.Queue.of(ChannelName.of("mail"))));
        for (int i = 1; i <= 50_000; i++) {
            apply(new Entry.Put(1, i, new byte[0]));
        }
        takeWhile(4096, 0);

        assertThat(slices).hasSizeGreaterThan(20);
        assertThat(slices).allMatch(slice -> slice.limit() < 4096 + 600);
    }

    @Test
    void a_queue_purged_meanwhile_is_in_it_as_it_was() {
        apply(new Entry.QueueDefined(1, 1, Definition.Queue.of(ChannelName.of("mail"))));
        for (int i = 1; i <= 1000; i++) {
            apply(new Entry.Put(1, i, new byte[0]));
        }
        byte[] begun = bytes(state);
        Snapshot snapshot = state.beginSnapshot(200);
        snapshot.advance();
        apply(new Entry.Purged(1, 1001));
        apply(new Entry.Put(1, 1001, new byte[0]));
        apply(new Entry.QueueRemoved(1, 2));
        apply(new Entry.QueueDefined(2, 3, Definition.Queue.of(ChannelName.of("mail"))));
        while (!snapshot.isDone()) {
            snapshot.advance();
        }
        collect(snapshot);

        assertThat(bytes(loaded(slices))).isEqualTo(begun);
    }

    @Test
    void a_topic_removed_meanwhile_is_in_it_as_it_was() {
        for (int i = 0; i < 500; i++) {
            topics.change(random);
        }
        topics.define(0, 3, 5);
        byte[] begun = bytes(state);
        Snapshot snapshot = state.beginSnapshot(200);
        snapshot.advance();
        topics.define(0, 4, 0);
        topics.define(0, 4, 5);
        for (int i = 0; i < 50; i++) {
            topics.append(random);
        }
        topics.removeAll();
        topics.define(0, 1, 5);
        topics.append(random);
        while (!snapshot.isDone()) {
            snapshot.advance();
        }
        collect(snapshot);

        assertThat(bytes(loaded(slices))).isEqualTo(begun);
    }

    @Test
    void one_that_was_given_up_leaves_nothing_behind() {
        apply(new Entry.QueueDefined(1, 1, Definition.Queue.of(ChannelName.of("mail"))));
        puts();
        Snapshot begun = state.beginSnapshot(1);
        begun.advance();
        begun.abandon();

        assertThat(drained(begun)).isEmpty();
        takeWhile(100, 10);
    }
}
