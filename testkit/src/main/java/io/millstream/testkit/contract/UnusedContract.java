package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Take;
import io.millstream.api.Taken;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A queue that nobody uses for as long as it says is removed, and never before.
public abstract class UnusedContract extends BackendContract {

    private static final long PLENTY = 1L << 30;
    private static final Duration UNUSED = Duration.ofMinutes(10);

    /// Nearly as long.
    private static final Duration NEARLY = UNUSED.minus(SECOND);

    private static final Duration TWO_SECONDS = Duration.ofSeconds(2);

    private final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.UNUSED);
        define(temporary(mail));
    }

    private static Definition.Queue temporary(ChannelName name) {
        return Definition.Queue.builder(name).unusedFor(UNUSED).build();
    }

    private boolean exists() {
        return !find(new Query.QueueNamed(mail)).items().isEmpty();
    }

    private void awaitRemoval() {
        eventually(() -> !exists(), () -> mail + " is still there");
    }

    /// It was used just now: it is there nearly as long, and a little later it is not.
    private void assertLeaseOnLife() {
        advance(NEARLY);
        assertThat(exists()).isTrue();
        advance(TWO_SECONDS);
        awaitRemoval();
    }

    @Test
    void a_queue_that_nobody_uses_is_removed_with_all_that_is_in_it() {
        put(mail, "1", "2");
        assertLeaseOnLife();

        refusal(Refusal.NoSuchChannel.class, putting(mail, "3"));
        define(temporary(mail));
        assertThat(counts(mail).messages()).isZero();
        assertThat(counts(mail).stored()).isZero();
    }

    @Test
    void a_queue_that_says_nothing_stays() {
        define("other");
        advance(UNUSED.multipliedBy(100));

        awaitRemoval();
        assertThat(find(new Query.QueueNamed(ChannelName.of("other"))).items()).hasSize(1);
    }

    @Test
    void puts_do_not_count_as_use() {
        advance(NEARLY);
        put(mail, "1");
        advance(TWO_SECONDS);

        awaitRemoval();
    }

    @Test
    void looking_at_it_does_not_count_as_use() {
        advance(NEARLY);
        assertThat(exists()).isTrue();
        commit(new Operation.CheckDefinition(mail, Expect.Anything.ANYTHING));
        advance(TWO_SECONDS);

        awaitRemoval();
    }

    @Test
    void a_definition_counts_as_use_even_if_nothing_changes() {
        advance(NEARLY);
        define(temporary(mail));

        assertLeaseOnLife();
    }

    @Test
    void a_definition_that_is_refused_does_not_count_as_use() {
        advance(NEARLY);
        refused(new Operation.Define(temporary(mail), Expect.Nothing.NOTHING));
        advance(TWO_SECONDS);

        awaitRemoval();
    }

    @Test
    void a_take_counts_as_use_whether_it_finds_something_or_not() {
        advance(NEARLY);
        assertNothingToTake(mail);
        advance(NEARLY);
        put(mail, "1");
        takeOne(mail);

        assertLeaseOnLife();
    }

    @Test
    void a_take_that_waits_keeps_the_queue() {
        Pending<Taken> waiting = session().take(Take.of(mail, 1, TIMED, UNUSED.multipliedBy(3)));
        assertThat(exists()).isTrue();
        advance(UNUSED.multipliedBy(2));
        assertThat(exists()).isTrue();
        advance(UNUSED.plus(SECOND));
        assertThat(leased(waiting)).isEmpty();
        assertThat(exists()).isTrue();

        advance(UNUSED);
        awaitRemoval();
    }

    @Test
    void a_take_that_was_called_off_counts_as_use_until_then() {
        Pending<Taken> waiting = session().take(Take.of(mail, 1, TIMED, UNUSED.multipliedBy(9)));
        assertThat(exists()).isTrue();
        advance(UNUSED.multipliedBy(2));
        waiting.cancel();
        assertThat(leased(waiting)).isEmpty();

        assertLeaseOnLife();
    }

    @Test
    void a_consumer_keeps_the_queue_until_it_ends() {
        needs(Feature.CONSUME);
        Subscription subscription =
                session()
                        .consume(
                                Subscribe.of(mail, WHILE_OPEN, session().credit(0, PLENTY)),
                                new Consumer());
        assertThat(exists()).isTrue();
        advance(UNUSED.multipliedBy(5));
        assertThat(exists()).isTrue();
        subscription.close();
        assertThat(exists()).isTrue();

        assertLeaseOnLife();
    }

    @Test
    void a_consumer_keeps_the_queue_until_its_session_closes() {
        needs(Feature.CONSUME);
        Session connection = newSession("connection");
        Consumer consumer = new Consumer();
        connection.consume(Subscribe.of(mail, WHILE_OPEN, connection.credit(1, PLENTY)), consumer);
        put(mail, "1");
        eventually(() -> consumer.leases().size() == 1);
        advance(UNUSED.multipliedBy(5));
        connection.close();
        awaitReady(mail, 1);

        assertLeaseOnLife();
    }

    @Test
    void one_of_two_consumers_keeps_the_queue() {
        needs(Feature.CONSUME);
        Consumer consumer = new Consumer();
        Subscription leaving =
                session()
                        .consume(
                                Subscribe.of(mail, WHILE_OPEN, session().credit(9, PLENTY)),
                                new Consumer());
        session().consume(Subscribe.of(mail, WHILE_OPEN, session().credit(9, PLENTY)), consumer);
        leaving.close();
        assertThat(exists()).isTrue();
        advance(UNUSED.multipliedBy(2));
        put(mail, "1");

        eventually(() -> consumer.leases().size() == 1);
        assertThat(consumer.ends()).isEmpty();
    }

    @Test
    void leases_do_not_keep_the_queue() {
        put(mail, "1");
        Lease lease = takeOne(session(), mail, WHILE_OPEN);
        assertLeaseOnLife();

        refusal(Refusal.NoSuchChannel.class, finishing(lease));
    }

    @Test
    void a_time_that_is_declared_later_counts_from_then() {
        define("mail");
        advance(UNUSED.multipliedBy(2));
        assertThat(exists()).isTrue();
        define(temporary(mail));

        assertLeaseOnLife();
    }

    @Test
    void a_time_that_is_declared_no_more_counts_no_more() {
        define("mail");
        advance(UNUSED.multipliedBy(2));

        assertThat(exists()).isTrue();
    }

    @Test
    void a_time_that_is_declared_while_somebody_consumes_counts_from_when_that_ends() {
        needs(Feature.CONSUME);
        define("mail");
        Subscription subscription =
                session()
                        .consume(
                                Subscribe.of(mail, WHILE_OPEN, session().credit(1, PLENTY)),
                                new Consumer());
        define(temporary(mail));
        advance(UNUSED.multipliedBy(2));
        assertThat(exists()).isTrue();
        subscription.close();
        assertThat(exists()).isTrue();

        assertLeaseOnLife();
    }

    @Test
    void a_watch_sees_the_removal() {
        List<Change> changes = new ArrayList<>();
        session()
                .watch(
                        new Interest.Definitions(),
                        change -> {
                            synchronized (changes) {
                                changes.add(change);
                            }
                        });
        advance(UNUSED.plus(SECOND));
        awaitRemoval();

        eventually(() -> {
            synchronized (changes) {
                return changes.size() == 2;
            }
        });
        synchronized (changes) {
            assertThat(changes.getLast()).isEqualTo(new Change.Removed(mail));
        }
    }

    @Test
    void what_dies_after_its_target_has_gone_stays_where_it_is() {
        needs(Feature.DEAD_LETTER);
        ChannelName work = ChannelName.of("work");
        define(Definition.Queue.of(work).withDeadLetter(1, mail));
        put(work, "1");
        Lease lease = takeOne(work);
        advance(UNUSED.plus(SECOND));
        awaitRemoval();
        put(work, "2");
        settle(takeOne(work), Outcome.dead("no"));

        assertThat(counts(work).delayed()).isPositive();
        define(temporary(mail));
        eventually(() -> counts(mail).ready() >= 1);
        assertStale(finishing(lease));
    }

    @Test
    void a_name_that_is_defined_again_begins_a_new_life() {
        advance(UNUSED.plus(SECOND));
        awaitRemoval();
        define("mail");
        advance(UNUSED.multipliedBy(2));

        assertThat(exists()).isTrue();
    }

    @Test
    void a_restart_counts_as_use() {
        put(mail, "1");
        advance(NEARLY);
        restart();
        advance(NEARLY);
        assertThat(exists()).isTrue();
        assertThat(counts(mail).ready()).isEqualTo(1);
        advance(TWO_SECONDS);

        awaitRemoval();
    }

    @Test
    void a_queue_that_was_removed_is_gone_after_a_restart() {
        put(mail, "1");
        advance(UNUSED.plus(SECOND));
        awaitRemoval();
        restart();

        assertThat(exists()).isFalse();
    }

    @Test
    void a_queue_that_was_in_use_when_the_backend_ended_is_not_removed_at_its_start() {
        needs(Feature.CONSUME);
        session()
                .consume(
                        Subscribe.of(mail, WHILE_OPEN, session().credit(1, PLENTY)),
                        new Consumer());
        assertThat(exists()).isTrue();
        advance(UNUSED.multipliedBy(5));
        restart();
        assertThat(exists()).isTrue();

        // A consumer elsewhere goes on by itself.
        if (!harness().isElsewhere()) {
            assertLeaseOnLife();
        }
    }
}
