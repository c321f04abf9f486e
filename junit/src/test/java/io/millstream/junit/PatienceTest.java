package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millstream.Codec;
import io.millstream.Millstream;
import io.millstream.Topic;
import io.millstream.WorkQueue;
import io.millstream.api.DeliverySink;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Lease;
import io.millstream.api.MillstreamException;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Term;
import io.millstream.api.TopicReader;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;

/// A test does not wait for ever for what never comes, and is told what that is.
@MillstreamTest(patienceMillis = 1_500)
@Timeout(30)
class PatienceTest {
    private static final Duration NOW = Duration.ZERO;

    private static void assertFails(ThrowingCallable what, String... words) {
        assertThatExceptionOfType(MillstreamException.class)
                .isThrownBy(what)
                .satisfies(failed ->
                        assertThat(failed.getMessage())
                                .contains("1500 ms", "patienceMillis")
                                .contains(words));
    }

    @Test
    void who_receives_what_never_comes_is_told_so(Millstream millstream) {
        WorkQueue orders = millstream.queue("orders");
        orders.send("one");
        orders.receive(NOW).orElseThrow().retry(Duration.ofMinutes(5));

        assertFails(
                () -> orders.receive(Duration.ofHours(1)),
                "queue orders",
                "0 ready, 0 leased and 1 delayed",
                "PT1H",
                "2026-01-01T00:00:00Z");
        assertFails(() -> orders.receive(Duration.ofDays(1000)), "queue orders");
    }

    @Test
    void a_short_wait_ends_with_nothing(Millstream millstream) {
        Topic<String> orders = millstream.topic("orders", Codec.text());
        Session session = millstream.backend().session(SessionSpec.of("reader"));
        try (TopicReader reader = session.read(new From.Offset(orders.name(), 0, 0))) {
            assertThat(
                            reader.next(1, 1, Duration.ofMillis(20))
                                    .stage()
                                    .toCompletableFuture()
                                    .join())
                    .isInstanceOfSatisfying(
                            Fetched.Records.class, found -> assertThat(found.records()).isEmpty());
        }
    }

    @Test
    void who_reads_what_never_comes_is_told_so(Millstream millstream) {
        Topic<String> orders = millstream.topic("orders", Codec.text());
        orders.publish("one");
        Session session = millstream.backend().session(SessionSpec.of("reader"));
        try (TopicReader reader = session.read(new From.Offset(orders.name(), 0, 1))) {
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(() ->
                            reader.next(1, 1, Duration.ofHours(1))
                                    .stage()
                                    .toCompletableFuture()
                                    .join())
                    .satisfies(failed ->
                            assertThat(failed.getCause())
                                    .isInstanceOf(MillstreamException.class)
                                    .hasMessageContainingAll(
                                            "topic orders, partition 0, at offset 1", "PT1H"));
        }
    }

    @Test
    void who_sends_to_a_full_disk_is_told_so(Millstream millstream, Faults faults) {
        WorkQueue orders = millstream.queue("orders");
        faults.fullDisk();

        assertFails(() -> orders.send("too much"), "no room", "normalDisk()", "sendAsync()");

        faults.normalDisk();
        orders.send("fits");
        assertThat(orders.counts().messages()).isOne();
    }

    @Test
    void who_waits_for_a_disk_that_is_too_slow_is_told_so(
            Millstream millstream, MillstreamClock clock, Faults faults) {
        WorkQueue orders = millstream.queue("orders");
        orders.send("one");
        orders.receive(NOW);
        faults.slowDisk(Duration.ofMinutes(10));

        assertFails(() -> orders.send("two"), "PT10M", "slowDisk", "normalDisk()");
        assertFails(orders::counts, "slowDisk");
        assertFails(() -> clock.advance(Duration.ofDays(1)), "slowDisk");
        assertFails(() -> faults.redeliver(orders), "slowDisk");

        faults.normalDisk();
        assertThat(orders.receive(NOW)).isPresent();
    }

    @Test
    void a_store_that_starts_too_slowly_after_a_crash_is_there_all_the_same(
            Millstream millstream, Faults faults) {
        WorkQueue orders = millstream.queue("orders");
        orders.send("one");
        faults.slowDisk(Duration.ofMinutes(10));

        assertFails(faults::crash, "started again", "PT10M", "slowDisk");

        assertThat(orders.receive(NOW)).isPresent();
    }

    @Test
    void whose_sink_blocks_the_store_is_told_so(Millstream millstream, MillstreamClock clock) {
        WorkQueue orders = millstream.queue("orders");
        CountDownLatch never = new CountDownLatch(1);
        Session session = millstream.backend().session(SessionSpec.of("worker"));
        session.consume(
                Subscribe.of(orders.name(), Term.WhileOpen.WHILE_OPEN, session.credit(1, 1 << 20)),
                new Blocking(never));
        orders.send("one");

        assertFails(() -> clock.advance(Duration.ofDays(1)), "sink", "blocks the thread");

        never.countDown();
    }

    private record Blocking(CountDownLatch until) implements DeliverySink {
        @Override
        public void deliver(List<Lease> leases) {
            try {
                until.await();
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
        }

        @Override
        public void ended(Refusal why) {
            throw new AssertionError(why.text());
        }
    }

    @MillstreamTest(patienceMillis = 0)
    static class WithoutPatience {
        @Test
        void runs(Millstream millstream) {
            millstream.queue("orders");
        }
    }

    @Test
    void no_patience_at_all_is_refused() {
        assertThat(Samples.run(WithoutPatience.class).failures())
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("patienceMillis", "1 or more");
    }
}
