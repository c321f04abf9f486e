package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.millstream.Codec;
import io.millstream.Millstream;
import io.millstream.Topic;
import io.millstream.TopicSubscription;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Pending;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.TopicReader;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Readers of topics and subscriptions to them go on after a crash, as consumers of queues do.
@MillstreamTest
class TopicCrashTest {
    private static final Duration WAIT = Duration.ofSeconds(50);
    private static final Duration LONG = Duration.ofSeconds(20);

    private Topic<String> orders;
    private Session session;

    @BeforeEach
    void open(Millstream millstream) {
        orders = millstream.topic("orders", Codec.text());
        session = millstream.backend().session(SessionSpec.of("reader"));
    }

    private TopicReader reader() {
        return session.read(new From.Offset(orders.name(), 0, 0));
    }

    private static CompletableFuture<List<String>> next(TopicReader reader, int records) {
        return texts(reader.next(records, 1 << 20, WAIT));
    }

    private static CompletableFuture<List<String>> texts(Pending<Fetched> pending) {
        return pending.stage()
                .thenApply(fetched ->
                        ((Fetched.Records) fetched)
                                .records().stream()
                                        .map(record -> record.message().body().utf8())
                                        .toList())
                .toCompletableFuture();
    }

    @Test
    void a_reader_goes_on_behind_what_it_has_handed_out(Faults faults) {
        List.of("a", "b", "c").forEach(orders::publish);
        try (TopicReader reader = reader()) {
            assertThat(next(reader, 2)).succeedsWithin(LONG).isEqualTo(List.of("a", "b"));

            faults.crash();

            orders.publish("d");
            assertThat(next(reader, 1)).succeedsWithin(LONG).isEqualTo(List.of("c"));
            faults.crash();
            assertThat(next(reader, 5)).succeedsWithin(LONG).isEqualTo(List.of("d"));
        }
    }

    @Test
    void a_reader_from_a_time_that_has_read_nothing_begins_there(
            Faults faults, MillstreamClock clock) {
        orders.publish("early");
        clock.advance(Duration.ofHours(1));
        try (TopicReader reader =
                session.read(new From.Time(orders.name(), 0, clock.instant().minusSeconds(1)))) {
            orders.publish("late");

            faults.crash();

            assertThat(next(reader, 5)).succeedsWithin(LONG).isEqualTo(List.of("late"));
        }
    }

    @RepeatedTest(5)
    void who_waits_for_a_record_goes_on_waiting(Faults faults) {
        try (TopicReader reader = reader()) {
            CompletableFuture<List<String>> waiting = next(reader, 5);

            faults.crash();

            assertThat(waiting).isNotDone();
            assertThatIllegalStateException()
                    .isThrownBy(() -> next(reader, 5))
                    .withMessageContaining("has not ended");
            orders.publish("a");
            assertThat(waiting).succeedsWithin(LONG).isEqualTo(List.of("a"));
        }
    }

    @Test
    void a_wait_that_a_crash_came_into_ends_by_the_clock(Faults faults, MillstreamClock clock) {
        try (TopicReader reader = reader()) {
            CompletableFuture<List<String>> waiting = next(reader, 5);
            clock.advance(WAIT.minusSeconds(1));
            faults.crash();
            assertThat(waiting).isNotDone();

            clock.advance(Duration.ofSeconds(1));

            assertThat(waiting).isCompletedWithValue(List.of());
        }
    }

    @Test
    void a_wait_after_a_crash_ends_with_its_call_its_reader_and_its_session(Faults faults) {
        TopicReader one = reader();
        TopicReader two = reader();
        TopicReader three = reader();
        Pending<Fetched> pending = one.next(5, 1 << 20, WAIT);
        CompletableFuture<List<String>> first = texts(pending);
        CompletableFuture<List<String>> second = next(two, 5);
        CompletableFuture<List<String>> third = next(three, 5);
        faults.crash();

        pending.cancel();
        two.close();
        session.close();

        assertThat(first).succeedsWithin(LONG).isEqualTo(List.of());
        assertThat(second).succeedsWithin(LONG).isEqualTo(List.of());
        assertThat(third).succeedsWithin(LONG).isEqualTo(List.of());
    }

    @RepeatedTest(5)
    void a_subscription_goes_on(Faults faults) throws Exception {
        var handled = new LinkedBlockingQueue<String>();
        try (TopicSubscription billing =
                orders.subscribe("billing", event -> handled.add(event.data()))) {
            orders.publish("a");
            assertThat(handled.poll(20, TimeUnit.SECONDS)).isEqualTo("a");

            faults.crash();
            orders.publish("b");

            assertThat(handled.poll(20, TimeUnit.SECONDS)).isEqualTo("b");
            faults.crash();
            orders.publish("c");
            assertThat(handled.poll(20, TimeUnit.SECONDS)).isEqualTo("c");
            assertThat(billing.failure()).isNull();
        }
    }

    @RepeatedTest(5)
    void a_subscription_misses_nothing_though_crashes_come_while_it_reads_and_notes(Faults faults)
            throws Exception {
        var handled = new LinkedBlockingQueue<String>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
                TopicSubscription billing =
                        orders.subscribe("billing", event -> handled.add(event.data()))) {
            Future<?> publishing = executor.submit(() -> publishThroughCrashes(200));
            for (int crash = 0; crash < 10; crash++) {
                faults.crash();
            }
            assertThat(publishing).succeedsWithin(LONG);
            for (int next = 0; next < 200; ) {
                String text = handled.poll(20, TimeUnit.SECONDS);
                assertThat(text).as("after event %d", next - 1).isIn(next - 1 + "", next + "");
                next = Integer.parseInt(text) + 1;
            }
            assertThat(billing.failure()).isNull();
        }

        handled.clear();
        orders.publish("new");
        try (TopicSubscription again =
                orders.subscribe("billing", event -> handled.add(event.data()))) {
            assertThat(handled.poll(20, TimeUnit.SECONDS)).isEqualTo("new");
            assertThat(again.failure()).isNull();
        }
    }

    /// Publishes again what nobody knows about.
    private void publishThroughCrashes(int events) {
        for (int event = 0; event < events; ) {
            try {
                orders.publish(Integer.toString(event));
                event++;
            } catch (StoppedException unknown) {
                Thread.onSpinWait();
            }
        }
    }
}
