package io.millstream.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Rate;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What the model does beyond the contracts: without a thread on a clock moved by hand, with one on
/// the machine's, and what can only be seen when nothing happens at the same time.
class MemoryBackendTest {

    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final ChannelName POST = ChannelName.of("post");

    private static final Term TIMED = new Term.Timed(Duration.ofSeconds(30));

    private final ManualClock clock = new ManualClock();

    static List<Term> terms() {
        return List.of(
                new Term.Timed(Duration.ofSeconds(1)), Term.WhileOpen.WHILE_OPEN, Term.Auto.AUTO);
    }

    @ParameterizedTest
    @MethodSource("terms")
    void a_take_cancelled_while_its_leases_are_on_their_way_gives_them_back_uncounted(Term term) {
        try (var backend = new MemoryBackend(clock)) {
            Session session = begin(backend);
            Pending<Taken> take = session.take(Take.of(POST, 10, term, Duration.ofHours(1)));
            // The sink's queue is served first, so the take's leases leave after the sink has run.
            consume(session, _ -> take.cancel());
            commit(session, putting(MAIL, "1"), putting(POST, "2"));

            assertThat(leases(take)).isEmpty();
            Pending<Taken> again = session.take(Take.of(POST, 10, term, Duration.ZERO));
            Lease lease = leases(again).getFirst();
            assertThat(lease.message().text()).isEqualTo("2");
            assertThat(lease.deliveries()).isEqualTo(1);
            assertThat(lease.attempts()).isEqualTo(1);
        }
    }

    @Test
    void a_take_cancelled_while_its_leases_are_on_their_way_keeps_no_slot() {
        assertThat(afterCancelling(Limit.concurrency(1))).containsExactly("2");
    }

    @Test
    void a_take_cancelled_while_its_leases_are_on_their_way_has_used_its_permits() {
        Rate rate = new Rate(1, Duration.ofHours(1), 2);
        assertThat(afterCancelling(Limit.rate(rate))).containsExactly("2");
        assertThat(afterCancelling(Limit.rate(rate.withBurst(3)))).containsExactly("2", "3");
    }

    /// What of two messages can be taken after a take was cancelled that was to get the first one.
    private List<String> afterCancelling(Limit limit) {
        try (var backend = new MemoryBackend(clock)) {
            Session session = begin(backend);
            Limits limits = Limits.NONE.withTypes(limit);
            Definition limited = Definition.Queue.builder(POST).typed(true).limits(limits).build();
            commit(session, new Operation.Define(limited, Expect.Anything.ANYTHING));
            Pending<Taken> take = session.take(Take.of(POST, 1, TIMED, Duration.ofHours(1)));
            consume(session, _ -> take.cancel());
            commit(session, putting(MAIL, "1"), putting(POST, typed("2")));
            assertThat(leases(take)).isEmpty();
            commit(session, putting(POST, typed("3")));
            Pending<Taken> again = session.take(Take.of(POST, 10, TIMED, Duration.ZERO));
            return leases(again).stream().map(lease -> lease.message().text()).toList();
        }
    }

    private static Message typed(String text) {
        return Message.builder(text).type("type").build();
    }

    @Test
    void a_take_cancelled_while_its_leases_are_on_their_way_locks_no_group() {
        try (var backend = new MemoryBackend(clock)) {
            Session session = begin(backend);
            Pending<Taken> take = session.take(Take.of(POST, 1, TIMED, Duration.ofHours(1)));
            consume(session, _ -> take.cancel());
            commit(session, putting(MAIL, "1"), grouped("2"), grouped("3"));

            assertThat(leases(take)).isEmpty();
            Pending<Taken> again = session.take(Take.of(POST, 10, TIMED, Duration.ZERO));
            assertThat(leases(again))
                    .extracting(lease -> lease.message().text())
                    .containsExactly("2", "3");
        }
    }

    @Test
    void what_a_callback_causes_is_told_after_the_callback_has_returned() {
        try (var backend = new MemoryBackend(clock)) {
            Session session = begin(backend);
            List<String> told = new ArrayList<>();
            consume(
                    session,
                    leases -> {
                        String text = leases.getFirst().message().text();
                        told.add("begin " + text);
                        if (text.equals("1")) commit(session, putting(MAIL, "2"));
                        told.add("end " + text);
                    });
            commit(session, putting(MAIL, "1"));

            assertThat(told).containsExactly("begin 1", "end 1", "begin 2", "end 2");
        }
    }

    @Test
    void what_is_due_happens_in_the_order_in_which_it_became_due() {
        try (var backend = new MemoryBackend(clock)) {
            Session session = begin(backend);
            commit(session, putting(MAIL, "1"));
            var shorter = new Term.Timed(Duration.ofSeconds(3));
            var _ = session.take(Take.of(MAIL, 1, shorter, Duration.ZERO));
            var longer = session.take(Take.of(MAIL, 1, shorter, Duration.ofSeconds(5)));
            clock.advance(Duration.ofSeconds(10));

            assertThat(leases(longer)).hasSize(1);
        }
    }

    @Test
    void on_the_clocks_of_the_machine_time_passes_by_itself() throws Exception {
        try (var backend = new MemoryBackend(TimeSource.system())) {
            Session session = begin(backend);
            commit(session, putting(MAIL, "1"));
            var brief = new Term.Timed(Duration.ofMillis(5));
            var first = session.take(Take.of(MAIL, 1, brief, Duration.ZERO));
            var second = session.take(Take.of(MAIL, 1, brief, Duration.ofSeconds(30)));
            var nothing = session.take(Take.of(POST, 1, brief, Duration.ofMillis(5)));

            assertThat(leases(first)).hasSize(1);
            var leased = second.stage().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(((Taken.Leased) leased).leases()).hasSize(1);
            var empty = nothing.stage().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(((Taken.Leased) empty).leases()).isEmpty();
        }
    }

    @Test
    void on_the_clocks_of_the_machine_a_rate_lets_the_next_one_begin_by_itself() throws Exception {
        try (var backend = new MemoryBackend(TimeSource.system())) {
            Session session = begin(backend);
            Limits limits = Limits.NONE.withRate(new Rate(1, Duration.ofMillis(50), 1));
            Definition limited = Definition.Queue.builder(POST).limits(limits).build();
            commit(session, new Operation.Define(limited, Expect.Anything.ANYTHING));
            commit(session, putting(POST, "1"), putting(POST, "2"));
            long begun = System.nanoTime();
            var first = session.take(Take.of(POST, 10, TIMED, Duration.ZERO));
            var second = session.take(Take.of(POST, 10, TIMED, Duration.ofSeconds(30)));

            assertThat(leases(first)).hasSize(1);
            var leased = second.stage().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(((Taken.Leased) leased).leases()).hasSize(1);
            assertThat(System.nanoTime() - begun).isGreaterThan(45_000_000);
        }
    }

    /// A session on two empty queues.
    private static Session begin(MemoryBackend backend) {
        Session session = backend.session(SessionSpec.of("test"));
        commit(session, defining(MAIL), defining(POST));
        return session;
    }

    private static Operation defining(ChannelName queue) {
        return new Operation.Define(Definition.Queue.of(queue), Expect.Anything.ANYTHING);
    }

    private static Operation putting(ChannelName queue, String text) {
        return new Operation.Put(queue, Message.of(text));
    }

    private static Operation putting(ChannelName queue, Message message) {
        return new Operation.Put(queue, message);
    }

    private static Operation grouped(String text) {
        return new Operation.Put(POST, Message.builder(text).group("g").build());
    }

    private static void commit(Session session, Operation... operations) {
        var _ = session.commit(Commit.of(operations));
    }

    private static void consume(Session session, Deliver deliver) {
        session.consume(
                Subscribe.of(MAIL, Term.WhileOpen.WHILE_OPEN, session.credit(10, 1000)), deliver);
    }

    /// All has happened when the call returns: the stage must be complete.
    private static List<Lease> leases(Pending<Taken> take) {
        Taken taken = take.stage().toCompletableFuture().getNow(null);
        assertThat(taken).isInstanceOf(Taken.Leased.class);
        return ((Taken.Leased) taken).leases();
    }

    private interface Deliver extends DeliverySink {
        @Override
        default void ended(Refusal why) {}
    }
}
