package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Query;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/// What moves inside the store takes more heap there than where it was, and the bound holds for it
/// too: moves and replays are refused, dead letters wait, and what is kept takes little.
class HeapOfMovesTest {
    private static final int LIMIT = 256 << 10;
    private static final int PART = LIMIT / 16;
    private static final int PUBLISHES = 14 * PART;
    private static final int MANY = 2000;
    private static final Duration DAY = Duration.ofDays(1);
    private static final ChannelName FROM = ChannelName.of("from");
    private static final ChannelName TO = ChannelName.of("to");

    private final ManualClock clock = new ManualClock();
    private final Engine engine =
            Engine.open(
                    new MemoryDisk(),
                    EngineOptions.inMemory().withHeapBytesMax(LIMIT).withTime(clock));
    private final Session session = engine.session(SessionSpec.of("test"));

    @BeforeEach
    void begin() {
        define(TO, queue -> queue);
    }

    @AfterEach
    void end() {
        engine.close();
    }

    private void define(ChannelName name, UnaryOperator<QueueBuilder> with) {
        Definition queue = with.apply(Definition.Queue.builder(name)).build();
        committed(new Operation.Define(queue, Expect.Anything.ANYTHING));
    }

    private Receipt commit(Operation... operations) {
        return session.commit(Commit.of(operations)).toCompletableFuture().join();
    }

    private Receipt.Committed committed(Operation... operations) {
        Receipt receipt = commit(operations);
        assertThat(receipt).isInstanceOf(Receipt.Committed.class);
        return (Receipt.Committed) receipt;
    }

    private void fill(int messages) {
        Operation put = new Operation.Put(FROM, Message.of("hello"));
        committed(Collections.nCopies(messages, put).toArray(Operation[]::new));
    }

    private View.QueueCounts counts(ChannelName queue) {
        return engine.find(new Query.QueueNamed(queue))
                .toCompletableFuture()
                .join()
                .page()
                .items()
                .getFirst()
                .counts();
    }

    private long heapBytes() {
        return engine.stats().heapBytes();
    }

    private List<Lease> take(ChannelName queue, int messages) {
        Take take = Take.of(queue, messages, new Term.Timed(DAY), Duration.ZERO);
        Taken taken = session.take(take).stage().toCompletableFuture().join();
        return ((Taken.Leased) taken).leases();
    }

    /// What is taken together is settled in another order.
    private void work(ChannelName queue, int messages) {
        for (int left = messages; left > 0; left -= 100) {
            List<Lease> leases = new ArrayList<>(take(queue, Math.min(100, left)));
            Collections.reverse(leases);
            committed(
                    leases.stream()
                            .map(lease ->
                                    new Operation.Settle(
                                            lease.handle(), Outcome.done(), Operation.Stale.REFUSE))
                            .toArray(Operation[]::new));
        }
    }

    private Receipt replay(int messages) {
        return commit(new Operation.Edit.Replay(FROM, Instant.MIN, Instant.MAX, 0, messages));
    }

    private static void assertBusy(Receipt receipt) {
        assertThat(receipt).isInstanceOf(Receipt.Refused.class);
        assertThat(((Receipt.Refused) receipt).refusal()).isInstanceOf(Refusal.Busy.class);
    }

    @Test
    void what_is_kept_takes_about_as_little_as_what_waits_in_whatever_order_it_was_done() {
        define(FROM, queue -> queue.keepSettled(DAY));
        long empty = heapBytes();

        fill(MANY);
        work(FROM, MANY);

        assertThat(counts(FROM).kept()).isEqualTo(MANY);
        assertThat(heapBytes() - empty).isLessThan(MANY * 20L);
        assertThat(((Effect.Replayed) ((Receipt.Committed) replay(10)).effects().getFirst()))
                .isEqualTo(new Effect.Replayed(10, 10, true));
    }

    @Test
    void what_is_kept_can_be_freed_by_who_declares_it_as_a_refusal_says() {
        define(FROM, queue -> queue.keepSettled(DAY));
        Operation put = new Operation.Put(FROM, Message.of("x"));
        Receipt receipt = commit(put);
        for (int i = 0; i < 100 && receipt instanceof Receipt.Committed; i++) {
            fill(MANY);
            work(FROM, (int) counts(FROM).ready());
            receipt = commit(put);
        }

        assertBusy(receipt);
        assertThat(((Receipt.Refused) receipt).refusal().text()).contains("from", "keepSettled");
        define(FROM, queue -> queue);
        committed(put);
    }

    @Test
    void a_replay_that_takes_too_much_is_refused_as_a_whole() {
        define(FROM, queue -> queue.keepSettled(DAY));
        fill(MANY);
        work(FROM, MANY);

        assertBusy(replay(1000));
        assertThat(counts(FROM).ready()).isZero();

        Receipt receipt = replay(50);
        for (int i = 0; i < 100 && receipt instanceof Receipt.Committed; i++) {
            receipt = replay(50);
        }
        assertBusy(receipt);
        assertThat(counts(FROM).ready()).isGreaterThan(100);
        assertThat(heapBytes()).isLessThan(PUBLISHES);
    }

    @Test
    void a_move_that_takes_too_much_is_refused_and_what_was_moved_can_be_moved_on() {
        define(FROM, queue -> queue);
        fill(MANY);

        assertBusy(commit(new Operation.Edit.Move(FROM, TO, 1000)));
        Receipt receipt = commit(new Operation.Edit.Move(FROM, TO, 50));
        for (int i = 0; i < 100 && receipt instanceof Receipt.Committed; i++) {
            receipt = commit(new Operation.Edit.Move(FROM, TO, 50));
        }

        assertBusy(receipt);
        assertThat(heapBytes()).isLessThan(PUBLISHES);
        long moved = counts(TO).ready();
        ChannelName further = ChannelName.of("further");
        define(further, queue -> queue);
        committed(new Operation.Edit.Move(TO, further, 1000));
        assertThat(counts(further).ready()).isEqualTo(moved);
    }

    @Test
    void what_has_outlived_its_time_waits_for_its_dead_letters_to_be_consumed() {
        ChannelName drops = ChannelName.of("drops");
        define(FROM, queue -> queue.timeToLive(Duration.ofSeconds(10)).deadLetter(TO));
        define(drops, queue -> queue.timeToLive(Duration.ofSeconds(20)));
        fill(MANY);
        committed(new Operation.Put(drops, Message.of("x")));
        clock.advance(Duration.ofSeconds(30));

        await().until(() -> counts(drops).messages() == 0);
        await().until(() -> heapBytes() >= LIMIT);
        assertThat(heapBytes()).isLessThan(LIMIT + PART);

        for (int i = 0; i < MANY && counts(FROM).messages() + counts(TO).messages() > 0; i++) {
            work(TO, (int) Math.min(100, counts(TO).ready()));
            clock.advance(Duration.ofSeconds(1));
        }
        assertThat(counts(TO).done()).isEqualTo(MANY);
    }

    @Test
    void a_put_that_makes_too_many_dead_letters_is_refused() {
        define(FROM, queue -> queue.deadLetter(TO));
        fill(MANY);
        Capacity less = new Capacity(1, 0, Capacity.Overflow.DROP_HEAD);
        define(FROM, queue -> queue.deadLetter(TO).capacity(less));

        assertBusy(commit(new Operation.Put(FROM, Message.of("x"))));

        assertThat(counts(TO).messages()).isZero();
        define(FROM, queue -> queue.capacity(less));
        committed(new Operation.Put(FROM, Message.of("x")));
        assertThat(counts(FROM).messages()).isEqualTo(1);
    }
}
