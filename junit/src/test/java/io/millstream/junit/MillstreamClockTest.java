package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millstream.Delivery;
import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.Lease;
import io.millstream.api.Refusal;
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
import java.util.List;
import java.util.concurrent.CompletableFuture;

@MillstreamTest
class MillstreamClockTest {
    private static final Duration NOW = Duration.ZERO;

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
    private record Pushed(List<Lease> leases) implements io.millstream.api.DeliverySink {
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
