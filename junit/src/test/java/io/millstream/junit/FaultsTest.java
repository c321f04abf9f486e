package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millstream.Delivery;
import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.Subscribe;
import io.millstream.api.Term;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

@MillstreamTest
class FaultsTest {
    private static final Duration NOW = Duration.ZERO;
    private static final Duration LONG = Duration.ofSeconds(20);

    @RepeatedTest(10)
    void a_crash_loses_nothing_that_was_acknowledged(Millstream millstream, Faults faults) {
        WorkQueue orders = millstream.queue("orders");
        for (int i = 0; i < 20; i++) {
            orders.send("order " + i);
        }
        orders.receive(NOW).orElseThrow().done();

        faults.crash();
        faults.crash();

        assertThat(orders.counts().messages()).isEqualTo(19);
        assertThat(orders.receive(NOW)).map(Delivery::text).contains("order 1");
        orders.send("one more");
        assertThat(millstream.queue("orders").counts().messages()).isEqualTo(20);
    }

    @Test
    void a_crash_loses_what_was_being_synced(Millstream millstream, Faults faults) {
        WorkQueue orders = millstream.queue("orders");
        faults.slowDisk(Duration.ofMinutes(10));
        CompletableFuture<Receipt> sent =
                orders.sendAsync(Message.of("in flight")).toCompletableFuture();
        CompletableFuture<Void> crashed = CompletableFuture.runAsync(faults::crash);
        assertThat(sent)
                .failsWithin(LONG)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(StoppedException.class);

        faults.slowDisk(Duration.ZERO);

        assertThat(crashed).succeedsWithin(LONG);
        assertThat(orders.counts().messages()).isZero();
    }

    @Test
    void a_lease_lasts_through_a_crash_and_its_holder_can_settle_it(
            Millstream millstream, MillstreamClock clock, Faults faults) {
        WorkQueue orders = millstream.queue("orders");
        orders.sendAll(List.of(Message.of("one"), Message.of("two")));
        Delivery one = orders.receive(NOW).orElseThrow();
        assertThat(orders.receive(NOW)).isPresent();
        // A lease is not synced before it is answered: a crash at once may give the message again.
        millstream.queue("invoices");

        faults.crash();

        assertThat(orders.receive(NOW)).isEmpty();
        one.done();
        clock.advance(WorkQueue.LEASE);
        assertThat(orders.receive(NOW)).map(Delivery::text).contains("two");
    }

    @Test
    void a_subscription_goes_on_after_a_crash(Millstream millstream, Faults faults)
            throws Exception {
        WorkQueue orders = millstream.queue("orders");
        var texts = new LinkedBlockingQueue<String>();
        Session session = millstream.backend().session(SessionSpec.of("worker"));
        session.consume(
                Subscribe.of(orders.name(), Term.WhileOpen.WHILE_OPEN, session.credit(1, 1 << 20)),
                new Texts(texts));
        orders.send("one");
        assertThat(texts.poll(20, TimeUnit.SECONDS)).isEqualTo("one");

        faults.crash();

        assertThat(texts.poll(20, TimeUnit.SECONDS)).isEqualTo("one");
    }

    private record Texts(LinkedBlockingQueue<String> texts) implements DeliverySink {
        @Override
        public void deliver(List<Lease> leases) {
            leases.forEach(lease -> texts.add(lease.message().text()));
        }

        @Override
        public void ended(Refusal why) {
            throw new AssertionError(why.text());
        }
    }

    @Test
    void a_redelivery_ends_open_leases_and_refuses_their_holders(
            Millstream millstream, Faults faults) {
        WorkQueue orders = millstream.queue("orders");
        orders.sendAll(List.of(Message.of("one"), Message.of("two"), Message.of("three")));
        Delivery one = orders.receive(NOW).orElseThrow();
        orders.receive(NOW).orElseThrow().done();

        assertThat(faults.redeliver(orders)).isEqualTo(1);

        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(one::done)
                .satisfies(refused ->
                        assertThat(refused.refusal()).isInstanceOf(Refusal.StaleFence.class));
        assertThat(orders.receive(NOW)).map(Delivery::text).contains("one");
        assertThat(faults.redeliver("nobody knows it")).isZero();
    }

    @Test
    void a_redelivery_counts_as_an_attempt(Millstream millstream, Faults faults) {
        WorkQueue dead = millstream.queue("dead");
        WorkQueue orders =
                millstream.queue(
                        Definition.Queue.of(ChannelName.of("orders"))
                                .withDeadLetter(2, dead.name()));
        orders.send("poison");
        for (int attempt = 1; attempt <= 2; attempt++) {
            assertThat(orders.receive(NOW)).isPresent();
            assertThat(faults.redeliver(orders)).isOne();
        }

        assertThat(dead.receive(NOW)).isPresent();
    }

    @Test
    void a_slow_disk_delays_what_is_acknowledged(Millstream millstream, Faults faults) {
        WorkQueue orders = millstream.queue("orders");
        faults.slowDisk(Duration.ofMinutes(10));
        CompletableFuture<Receipt> sent =
                orders.sendAsync(Message.of("slow")).toCompletableFuture();
        assertThat(sent).isNotDone();

        faults.normalDisk();

        assertThat(sent).succeedsWithin(LONG);
    }

    @RepeatedTest(3)
    void a_full_disk_refuses_publishes_and_lets_consumers_drain(
            Millstream millstream, Faults faults) {
        WorkQueue orders = millstream.queue("orders");
        orders.send("before");

        faults.fullDisk();

        assertThat(orders.sendAsync(Message.of("too much")).toCompletableFuture().join())
                .isInstanceOfSatisfying(
                        Receipt.Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Busy.class));
        orders.receive(NOW).orElseThrow().done();

        faults.normalDisk();

        orders.send("after");
        assertThat(orders.receive(NOW)).map(Delivery::text).contains("after");
    }
}
