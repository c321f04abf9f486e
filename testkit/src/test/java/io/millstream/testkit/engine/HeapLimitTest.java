package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.log.Log;
import io.millstream.testkit.ManualClock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What the engine knows takes heap, and is bounded: publishes are refused before takes, those of
/// who caused it before those of everybody, and nothing that frees heap is ever refused.
class HeapLimitTest {
    private static final int LIMIT = 64 << 10;
    private static final int PART = LIMIT / 16;
    private static final int MESSAGES_MAX = 20_000;
    private static final int BATCH = 50;
    private static final int PARTITIONS = 8;
    private static final ChannelName FLOOD = ChannelName.of("flood");
    private static final ChannelName CALM = ChannelName.of("calm");
    private static final ChannelName DEAD = ChannelName.of("dead");
    private static final ChannelName EMPTY = ChannelName.of("empty");

    private final ManualClock clock = new ManualClock();
    private final MemoryDisk disk = new MemoryDisk();
    private Engine engine = open(LIMIT);
    private Session session = engine.session(SessionSpec.of("test"));
    private long empty;

    private Engine open(long limit) {
        return Engine.open(disk, EngineOptions.inMemory().withHeapBytesMax(limit).withTime(clock));
    }

    @BeforeEach
    void begin() {
        define(Definition.Queue.of(FLOOD).withDeadLetter(0, DEAD));
        define(Definition.Queue.of(CALM));
        define(Definition.Queue.of(DEAD));
        define(Definition.Queue.of(EMPTY));
        empty = heapBytes();
    }

    @AfterEach
    void end() {
        engine.close();
    }

    private void define(Definition definition) {
        Operation define = new Operation.Define(definition, Expect.Anything.ANYTHING);
        assertThat(commit(List.of(define))).isInstanceOf(Receipt.Committed.class);
    }

    private long heapBytes() {
        return engine.stats().heapBytes();
    }

    private Receipt commit(List<Operation> operations) {
        return session.commit(new Commit(null, operations)).toCompletableFuture().join();
    }

    private static List<Operation> puts(ChannelName queue) {
        Operation put = new Operation.Put(queue, Message.of("hello"));
        return Stream.generate(() -> put).limit(BATCH).toList();
    }

    /// Puts until a put is refused.
    ///
    /// @return why
    private String flood(ChannelName queue) {
        for (int sent = 0; sent < MESSAGES_MAX; sent += BATCH) {
            if (commit(puts(queue)) instanceof Receipt.Refused refused) {
                assertThat(refused.refusal()).isInstanceOf(Refusal.Busy.class);
                return refused.refusal().text();
            }
        }
        throw new AssertionError("Nothing was refused, with " + heapBytes() + " bytes known");
    }

    private CompletableFuture<Taken> ask(ChannelName queue, int messages) {
        Take take = Take.of(queue, messages, new Term.Timed(Duration.ofMinutes(1)), Duration.ZERO);
        return session.take(take).stage().toCompletableFuture();
    }

    private List<Lease> take(ChannelName queue, int messages) {
        return ((Taken.Leased) ask(queue, messages).orTimeout(20, TimeUnit.SECONDS).join())
                .leases();
    }

    private void settle(List<Lease> leases, Outcome outcome) {
        List<Operation> settles = new ArrayList<>();
        leases.forEach(lease ->
                settles.add(new Operation.Settle(lease.handle(), outcome, Operation.Stale.REFUSE)));
        assertThat(commit(settles)).isInstanceOf(Receipt.Committed.class);
    }

    private void drain(ChannelName queue) {
        for (List<Lease> leases = take(queue, BATCH);
                !leases.isEmpty();
                leases = take(queue, BATCH)) {
            settle(leases, Outcome.Done.DONE);
        }
    }

    @Test
    void who_floods_a_queue_is_refused_before_anybody_else() {
        String why = flood(FLOOD);

        assertThat(why).contains("flood", "heap");
        assertThat(heapBytes()).isBetween(12L * PART, 13L * PART);
        assertThat(commit(puts(CALM))).isInstanceOf(Receipt.Committed.class);
        assertThat(engine.stats().shortage()).isEmpty();
    }

    @Test
    void everybody_is_refused_in_the_end() {
        String why = "";
        for (int i = 0; i < 100 && engine.stats().shortage().isEmpty(); i++) {
            ChannelName queue = ChannelName.of("queue-" + i);
            Operation define =
                    new Operation.Define(Definition.Queue.of(queue), Expect.Anything.ANYTHING);
            for (int j = 0; j < 5; j++) {
                List<Operation> operations = new ArrayList<>(puts(queue));
                operations.addFirst(define);
                if (commit(operations) instanceof Receipt.Refused refused) {
                    why = refused.refusal().text();
                }
            }
        }

        assertThat(why).contains("of the heap", "Consume");
        assertThat(engine.stats().shortage()).contains("of the heap");
        assertThat(heapBytes()).isBetween(14L * PART, 15L * PART);
        assertThat(commit(puts(CALM))).isInstanceOf(Receipt.Refused.class);
    }

    @Test
    void publishes_are_taken_again_when_messages_are_gone() {
        flood(FLOOD);
        drain(FLOOD);

        assertThat(heapBytes()).isEqualTo(empty);
        assertThat(commit(puts(FLOOD))).isInstanceOf(Receipt.Committed.class);
    }

    @Test
    void what_is_handed_out_is_bounded_and_settling_lets_more_out() {
        flood(FLOOD);
        List<Lease> all = new ArrayList<>();
        CompletableFuture<Taken> answer = ask(FLOOD, 1);
        for (int i = 0; i < 1000 && !isRefusedAfterAWhile(answer); i++) {
            all.addAll(((Taken.Leased) answer.join()).leases());
            answer = ask(FLOOD, 1);
        }

        assertThat(answer.join()).isInstanceOf(Taken.Refused.class);
        assertThat(all).hasSizeBetween(20, 16 * PART / HeapCosts.DELIVERY);
        assertThat(heapBytes()).isLessThanOrEqualTo(LIMIT);

        settle(all.subList(0, 10), Outcome.Done.DONE);
        assertThat(take(FLOOD, 100)).hasSizeBetween(9, 11);
    }

    /// Takes wait two seconds for room.
    private boolean isRefusedAfterAWhile(CompletableFuture<Taken> answer) {
        for (int i = 0; i < 100; i++) {
            // Whatever can be answered is answered before the time passes.
            assertThat(take(EMPTY, 1)).isEmpty();
            if (answer.isDone()) {
                return answer.join() instanceof Taken.Refused;
            }
            clock.advance(Duration.ofMillis(100));
        }
        throw new AssertionError("No answer");
    }

    /// Everything that the queue may have at once is leased.
    private List<Lease> takeAll(ChannelName queue) {
        List<Lease> all = new ArrayList<>();
        CompletableFuture<Taken> answer = ask(queue, 1000);
        while (!isRefusedAfterAWhile(answer)) {
            all.addAll(((Taken.Leased) answer.join()).leases());
            answer = ask(queue, 1000);
        }
        return all;
    }

    @Test
    void a_queue_whose_messages_are_all_taken_stops_no_other() {
        assertThat(commit(puts(CALM))).isInstanceOf(Receipt.Committed.class);
        flood(FLOOD);
        assertThat(takeAll(FLOOD)).isNotEmpty();

        assertThat(take(CALM, 100)).hasSizeGreaterThanOrEqualTo(16);
    }

    @Test
    void what_is_settled_at_once_needs_no_room() {
        flood(FLOOD);
        takeAll(FLOOD);

        Take take = Take.of(FLOOD, 500, Term.Auto.AUTO, Duration.ZERO);
        Taken taken = session.take(take).stage().toCompletableFuture().join();

        assertThat(((Taken.Leased) taken).leases()).hasSize(500);
    }

    @Test
    void who_settles_may_publish_a_little() {
        flood(FLOOD);
        List<Lease> all = takeAll(FLOOD);
        fillToTheEnd();

        List<Operation> operations = new ArrayList<>(puts(CALM).subList(0, 2));
        operations.add(
                new Operation.Settle(
                        all.getFirst().handle(), Outcome.done(), Operation.Stale.REFUSE));

        assertThat(commit(operations)).isInstanceOf(Receipt.Committed.class);
        assertThat(commit(puts(CALM))).isInstanceOf(Receipt.Refused.class);
    }

    /// Cursors are no publishes, and take heap until nothing is left.
    private void fillToTheEnd() {
        ChannelName topic = ChannelName.of("topic");
        define(Definition.Topic.of(topic));
        for (int i = 0; i < MESSAGES_MAX; i++) {
            Operation move = new Operation.MoveCursor(topic, 0, "cursor-" + i, 0);
            if (commit(List.of(move)) instanceof Receipt.Refused refused) {
                assertThat(refused.refusal()).isInstanceOf(Refusal.Busy.class);
                assertThat(heapBytes()).isGreaterThanOrEqualTo(LIMIT);
                return;
            }
        }
        throw new AssertionError("Cursors are never refused");
    }

    @Test
    void definitions_change_though_heap_is_short() {
        flood(FLOOD);
        fillToTheEnd();

        define(Definition.Queue.of(FLOOD).withDeadLetter(3, DEAD));
    }

    @Test
    void dead_letters_can_be_made_and_consumed_however_little_is_left() {
        flood(FLOOD);
        long queued = 0;
        CompletableFuture<Taken> answer = ask(FLOOD, BATCH);
        while (!isRefusedAfterAWhile(answer)) {
            List<Lease> leases = ((Taken.Leased) answer.join()).leases();
            settle(leases, new Outcome.Dead("x".repeat(100)));
            queued += leases.size();
            answer = ask(FLOOD, BATCH);
        }

        // Far beyond the bound, dead letters go first.
        assertThat(heapBytes()).isBetween(18L * PART, 21L * PART);
        drain(DEAD);
        drain(FLOOD);
        assertThat(queued).isGreaterThan(30);
        assertThat(heapBytes()).isEqualTo(empty);
    }

    @Test
    void a_backlog_drains_with_less_heap_than_it_takes() {
        flood(FLOOD);
        engine.close();
        engine = open(LIMIT / 4);
        session = engine.session(SessionSpec.of("test"));

        assertThat(commit(puts(CALM))).isInstanceOf(Receipt.Refused.class);
        drain(FLOOD);
        assertThat(commit(puts(CALM))).isInstanceOf(Receipt.Committed.class);
    }

    @Test
    void what_was_handed_out_before_can_be_taken_though_heap_is_short() {
        flood(FLOOD);
        List<Lease> all = take(FLOOD, 1000);
        settle(all.subList(5, 15), new Outcome.Retry(Duration.ZERO, false));

        List<Lease> again = take(FLOOD, 1000);

        assertThat(again).hasSize(10);
        assertThat(again.getFirst().handle().sequence()).isEqualTo(6);
    }

    @Test
    void rows_take_heap_until_they_are_removed() {
        int rows = 0;
        while (rows < 1000
                && write(rows, Bytes.utf8("v".repeat(100))) instanceof Receipt.Committed) {
            rows++;
        }

        assertThat(rows).isBetween(100, 999);
        assertThat(engine.stats().shortage()).contains("rows");
        for (int i = 0; i < rows; i++) {
            assertThat(write(i, null)).isInstanceOf(Receipt.Committed.class);
        }
        assertThat(heapBytes()).isEqualTo(empty);
        assertThat(write(0, Bytes.utf8("v"))).isInstanceOf(Receipt.Committed.class);
    }

    private Receipt write(int key, @Nullable Bytes value) {
        return commit(
                List.of(
                        new Operation.Write(
                                "rows", "key-" + key, value, Expect.Anything.ANYTHING, null)));
    }

    /// Batches of many partitions that come in turn lie apart from each other in the log, and cost
    /// an entry each in the index; in segments they do not.
    ///
    /// @param appends how many lie in one frame: so few that a file of the log has less of them
    ///   than the heap has room for, or more
    @ParameterizedTest
    @ValueSource(ints = {PARTITIONS, 50 * PARTITIONS})
    void small_batches_of_many_partitions_are_moved_together(int appends) throws IOException {
        ChannelName topic = ChannelName.of("events");
        EngineOptions options =
                EngineOptions.inMemory()
                        .withHeapBytesMax(4 * LIMIT)
                        .withLog(new Log.Settings(256 << 10, 16, 64 << 10, 256 << 10));
        try (Engine other = Engine.open(new MemoryDisk(), options)) {
            Session publisher = other.session(SessionSpec.of("test"));
            List<Operation> operations = new ArrayList<>();
            operations.add(
                    new Operation.Define(
                            Definition.Topic.of(topic).withPartitions(PARTITIONS),
                            Expect.Anything.ANYTHING));
            commit(publisher, operations);
            operations.clear();
            for (int i = 0; i < appends; i++) {
                List<Message> batch = List.of(Message.of("x"));
                operations.add(new Operation.Append(topic, i % PARTITIONS, batch, null));
            }
            for (int i = 0; i < 20_000; i += appends) {
                commit(publisher, operations);
            }
        }
    }

    private static void commit(Session session, List<Operation> operations) {
        await().pollDelay(Duration.ZERO)
                .until(() ->
                        session.commit(new Commit(null, operations)).toCompletableFuture().join()
                                instanceof Receipt.Committed);
    }

    @Test
    void what_removes_and_purges_is_never_refused() {
        flood(FLOOD);
        Receipt purged = commit(List.of(new Operation.Edit.Purge(FLOOD)));
        assertThat(purged).isInstanceOf(Receipt.Committed.class);
        assertThat(heapBytes()).isEqualTo(empty);

        flood(FLOOD);
        for (ChannelName name : List.of(FLOOD, CALM, DEAD, EMPTY)) {
            Operation remove = new Operation.Remove(name, Expect.Anything.ANYTHING);
            assertThat(commit(List.of(remove))).isInstanceOf(Receipt.Committed.class);
        }
        assertThat(heapBytes()).isZero();
    }
}
