package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millstream.Codec;
import io.millstream.Delivery;
import io.millstream.Millstream;
import io.millstream.Topic;
import io.millstream.WorkQueue;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Refusal;
import io.millstream.api.Retention;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

@MillstreamTest
class MillstreamClockTest {
    private static final Duration NOW = Duration.ZERO;

    /// More than the engine does of anything at once.
    private static final int MANY = 30_000;

    @RepeatedTest(20)
    void a_lease_ends_to_the_millisecond(Millstream millstream, MillstreamClock clock) {
        WorkQueue orders = millstream.queue("orders");
        orders.send("one");
        assertThat(orders.receive(NOW)).isPresent();

        clock.advance(WorkQueue.LEASE.minusMillis(1));
        assertThat(orders.receive(NOW)).isEmpty();
        clock.advance(Duration.ofMillis(1));
        assertThat(orders.receive(NOW)).map(Delivery::deliveries).contains(2);
    }

    @Test
    void a_month_passes_at_once(Millstream millstream, MillstreamClock clock) {
        WorkQueue orders = millstream.queue("orders");
        orders.send("one");
        orders.receive(NOW).orElseThrow().retry(Duration.ofDays(30));

        clock.advance(Duration.ofDays(29));
        assertThat(orders.counts().delayed()).isOne();
        clock.advanceTo(ManualClock.START.plus(Duration.ofDays(30)));
        assertThat(orders.receive(NOW)).isPresent();
    }

    @RepeatedTest(20)
    void who_waits_for_what_becomes_due_has_it_when_advance_returns(
            Millstream millstream, MillstreamClock clock) {
        WorkQueue orders = millstream.queue("orders");
        orders.send("one");
        assertThat(orders.receive(NOW)).isPresent();
        Session session = millstream.backend().session(SessionSpec.of("worker"));
        Term term = new Term.Timed(Duration.ofMinutes(1));
        CompletableFuture<Taken> waiting =
                session.take(Take.of(orders.name(), 1, term, Duration.ofMinutes(5)))
                        .stage()
                        .toCompletableFuture();
        List<Lease> pushed = new ArrayList<>();
        session.consume(
                Subscribe.of(orders.name(), term, session.credit(10, 1 << 20)), new Pushed(pushed));

        clock.advance(WorkQueue.LEASE);
        assertThat(waiting)
                .isCompletedWithValueMatching(taken -> ((Taken.Leased) taken).leases().size() == 1);
        assertThat(pushed).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        assertThat(pushed).extracting(Lease::deliveries).containsExactly(3);
    }

    /// On the store's answering thread, which has ended its work when `advance` returns.
    private record Pushed(List<Lease> leases) implements DeliverySink {
        @Override
        public void deliver(List<Lease> more) {
            leases.addAll(more);
        }

        @Override
        public void ended(Refusal why) {
            throw new AssertionError(why.text());
        }
    }

    @Test
    void messages_that_are_too_old_are_gone_however_many_they_are(
            Millstream millstream, MillstreamClock clock) {
        WorkQueue orders =
                millstream.queue(
                        Definition.Queue.of(ChannelName.of("orders"))
                                .withRetention(Duration.ofHours(1)));
        fill(orders);

        clock.advance(Duration.ofDays(1));

        assertThat(orders.counts().expired()).isEqualTo(MANY);
    }

    @Test
    void leases_have_ended_and_messages_are_dead_however_many_they_are(
            Millstream millstream, MillstreamClock clock) {
        WorkQueue dead = millstream.queue("dead");
        WorkQueue orders =
                millstream.queue(
                        Definition.Queue.of(ChannelName.of("orders"))
                                .withDeadLetter(1, dead.name()));
        fill(orders);
        for (int leased = 0; leased < MANY; leased += 1_000) {
            assertThat(orders.receive(1_000, WorkQueue.LEASE, NOW)).hasSize(1_000);
        }
        List<Lease> pushed = new ArrayList<>();
        Session session = millstream.backend().session(SessionSpec.of("undertaker"));
        session.consume(
                Subscribe.of(
                        dead.name(),
                        Term.WhileOpen.WHILE_OPEN,
                        session.credit(MANY, Long.MAX_VALUE)),
                new Pushed(pushed));

        clock.advance(Duration.ofDays(1));

        assertThat(pushed).hasSize(MANY);
        assertThat(orders.counts().messages()).isZero();
    }

    private static void fill(WorkQueue queue) {
        List<Message> messages = Collections.nCopies(1_000, Message.of("x"));
        for (int sent = 0; sent < MANY; sent += messages.size()) {
            queue.sendAll(messages);
        }
    }

    @Test
    void records_that_need_not_be_kept_are_gone_however_many_they_are(
            Millstream millstream, MillstreamClock clock) {
        Topic<String> orders =
                millstream.topic(
                        Definition.Topic.of(ChannelName.of("orders"))
                                .withRetention(Retention.of(Duration.ofHours(1))),
                        Codec.text());
        String large = "x".repeat(70_000);
        for (int i = 0; i < 400; i++) {
            orders.publish(large);
        }

        clock.advance(Duration.ofDays(1));

        assertThat(orders.view().partitions().getFirst().records()).isOne();
    }

    @Test
    void what_is_due_in_between_happens_in_its_order(Millstream millstream, MillstreamClock clock) {
        WorkQueue orders = millstream.queue("orders");
        Map<String, Integer> days = Map.of("third", 3, "first", 1, "second", 2);
        days.keySet().forEach(orders::send);
        for (Delivery delivery : orders.receive(3, WorkQueue.LEASE, NOW)) {
            delivery.retry(Duration.ofDays(days.get(delivery.text())));
        }
        List<Lease> pushed = new ArrayList<>();
        Session session = millstream.backend().session(SessionSpec.of("worker"));
        session.consume(
                Subscribe.of(orders.name(), Term.WhileOpen.WHILE_OPEN, session.credit(10, 1 << 20)),
                new Pushed(pushed));

        clock.advance(Duration.ofDays(30));

        assertThat(pushed)
                .extracting(lease -> lease.message().text())
                .containsExactly("first", "second", "third");
    }

    @Test
    void what_a_sink_does_at_once_about_what_became_due_is_done(
            Millstream millstream, MillstreamClock clock) {
        WorkQueue orders = millstream.queue("orders");
        orders.send("one");
        orders.receive(NOW).orElseThrow().retry(Duration.ofDays(1));
        Session session = millstream.backend().session(SessionSpec.of("worker"));
        session.consume(
                Subscribe.of(orders.name(), Term.WhileOpen.WHILE_OPEN, session.credit(1, 1 << 20)),
                new Settling(session, 20));

        clock.advance(Duration.ofDays(1));

        assertThat(orders.counts().done()).isOne();
    }

    /// Gives each message back until it has been delivered often enough.
    private record Settling(Session session, int deliveriesMax) implements DeliverySink {
        @Override
        public void deliver(List<Lease> leases) {
            for (Lease lease : leases) {
                Outcome outcome =
                        lease.deliveries() < deliveriesMax ? Outcome.retry() : Outcome.done();
                assertThat(
                                session.commit(
                                        Commit.of(
                                                new Operation.Settle(
                                                        lease.handle(),
                                                        outcome,
                                                        Operation.Stale.REFUSE))))
                        .isNotNull();
            }
        }

        @Override
        public void ended(Refusal why) {
            throw new AssertionError(why.text());
        }
    }

    @Test
    void time_passes_while_others_are_at_work(Millstream millstream, MillstreamClock clock) {
        WorkQueue orders = millstream.queue("orders");
        AtomicBoolean isOver = new AtomicBoolean();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> busy =
                    executor.submit(() -> {
                        while (!isOver.get()) {
                            orders.send("more");
                        }
                    });
            for (int day = 0; day < 30; day++) {
                clock.advance(Duration.ofDays(1));
            }
            isOver.set(true);
            assertThat(busy).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    @Test
    void who_waits_for_nothing_has_waited_long_enough(
            Millstream millstream, MillstreamClock clock) {
        WorkQueue orders = millstream.queue("orders");
        CompletableFuture<Taken> waiting =
                millstream
                        .backend()
                        .session(SessionSpec.of("worker"))
                        .take(
                                Take.of(
                                        orders.name(),
                                        1,
                                        new Term.Timed(Duration.ofMinutes(1)),
                                        Duration.ofHours(1)))
                        .stage()
                        .toCompletableFuture();

        clock.advance(Duration.ofMinutes(59));
        assertThat(waiting).isNotDone();
        clock.advance(Duration.ofMinutes(1));
        assertThat(waiting)
                .isCompletedWithValueMatching(taken -> ((Taken.Leased) taken).leases().isEmpty());
    }

    @Test
    void a_wait_also_ends_in_real_time(Millstream millstream, MillstreamClock clock) {
        assertThat(millstream.queue("orders").receive(Duration.ofMillis(20))).isEmpty();
        assertThat(clock.instant()).isEqualTo(ManualClock.START);
    }

    @Test
    void time_does_not_go_back(MillstreamClock clock) {
        assertThatIllegalArgumentException().isThrownBy(() -> clock.advance(Duration.ofMillis(-1)));
    }
}
