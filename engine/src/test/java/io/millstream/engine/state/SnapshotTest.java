package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.engine.bytes.Output;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
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
    private long answers;
    private final TopicChanges topics = new TopicChanges(state, this::apply);
    private final QueueChanges queues = new QueueChanges(state, this::apply);
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
        List<String> derived = derived(state);
        List<String> derivedAgain = derived(loaded);
        for (int i = 0; i < derived.size(); i++) {
            assertThat(derivedAgain.get(i)).isEqualTo(derived.get(i));
        }
    }

    /// What follows from what is stored, and is the same however it came to be.
    private List<String> derived(State any) {
        List<String> derived = new ArrayList<>();
        for (QueueState queue = any.queueAfter(0);
                queue != null;
                queue = any.queueAfter(queue.channel())) {
            String name = queue.definition().name() + " ";
            derived.add(name + queue.counts());
            derived.add(name + order(queue, ReadyOrder.ofAll(queue)));
            if (!queue.definition().groups().isFair()) {
                derived.add(name + TimeToLive.next(queue));
            }
            derived.add(name + queue.heap().bytes());
        }
        return derived;
    }

    /// Whom groups that share fairly serve next is not part of what is known.
    private static List<Long> order(QueueState queue, ReadyOrder order) {
        List<Long> sequences = new ArrayList<>();
        for (long next = order.next(); next >= 0; next = order.next()) {
            sequences.add(next);
        }
        if (queue.definition().groups().isFair()) {
            sequences.sort(null);
        }
        assertThat(sequences).doesNotHaveDuplicates();
        return sequences;
    }

    private void change() {
        switch (random.nextInt(29)) {
            case 0 -> row();
            case 1 -> pass();
            case 2, 3, 4 -> topics.change(random);
            case 5, 6 -> routes.change(random);
            case 7, 8, 9 -> answer();
            default -> queues.change(random);
        }
    }

    private void row() {
        String key = "key-" + random.nextInt(20);
        String table = "table-" + random.nextInt(3);
        Bytes value = random.nextInt(3) == 0 ? null : Bytes.utf8("v" + random.nextInt(100));
        long expiry = random.nextBoolean() ? 0 : state.now() + 1 + random.nextInt(200);
        apply(new Entry.RowWritten(table, key, value, state.versions() + 1, expiry));
    }

    /// Some senders give up much at once, some nothing.
    private void answer() {
        String sender = "sender-" + random.nextInt(6);
        long number = ++answers;
        long from = random.nextInt(3) == 0 ? Math.max(0, number - random.nextInt(200)) : 0;
        byte[] receipt = new byte[random.nextInt(40)];
        apply(new Entry.Answered(sender, number, from, receipt));
    }

    private void pass() {
        // Now and then the time of most senders is over.
        long now = state.now() + (random.nextInt(9) == 0 ? 300_000 : random.nextInt(30));
        state.advance(now);
        log.add(other -> other.advance(now));
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
        apply(new Entry.Put(1, 1, new byte[0]));
        Snapshot begun = state.beginSnapshot(1);
        begun.advance();
        begun.abandon();

        assertThat(drained(begun)).isEmpty();
        takeWhile(100, 10);
    }
}
