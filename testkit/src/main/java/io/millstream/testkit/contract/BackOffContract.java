package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Outcome;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.Via;
import io.millstream.api.View.MessageView;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// A message whose holder let its lease end waits, longer each time; what is given back does not.
public abstract class BackOffContract extends BackendContract {

    private static final Duration TEN = Duration.ofSeconds(10);
    private static final BackOff BACK_OFF = new BackOff(TEN, 2, Duration.ofSeconds(30));

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName dead = ChannelName.of("dead");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.BACK_OFF);
        define(Definition.Queue.of(mail).with().backOff(BACK_OFF).build());
    }

    /// Lets the lease of the only message end by itself.
    private void letEnd() {
        advance(LEASE);
        awaitCounts(mail, counts -> counts.leased() == 0);
    }

    private void assertWaits(Duration wait) {
        assertThat(counts(mail).delayed()).isEqualTo(1);
        advance(wait.minus(MILLISECOND));
        assertNothingToTake(mail);
        assertThat(counts(mail).delayed()).isEqualTo(1);
        advance(MILLISECOND);
        awaitReady(mail, 1);
    }

    @Test
    void a_message_waits_longer_each_time_that_its_lease_ends_and_no_longer_than_the_longest() {
        put(mail, "1");
        for (int seconds : new int[] {10, 20, 30, 30}) {
            takeOne(mail);
            letEnd();
            assertWaits(Duration.ofSeconds(seconds));
        }

        assertThat(takeOne(mail).attempts()).isEqualTo(5);
    }

    @Test
    void the_holder_of_the_lease_that_ended_is_late() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        letEnd();

        assertStale(finishing(lease));
        commit(deleting(lease));

        assertThat(counts(mail).messages()).isZero();
        advance(TEN);
        assertNothingToTake(mail);
    }

    @Test
    void what_is_given_back_is_ready_at_once() {
        put(mail, "1");

        retry(takeOne(mail));

        assertReadyInOrder(mail, "1");
    }

    @Test
    void what_a_closed_session_had_is_ready_at_once() {
        put(mail, "1");
        Session leaving = newSession("leaving");
        takeOne(leaving, mail, WHILE_OPEN);

        leaving.close();

        assertReadyInOrder(mail, "1");
    }

    @Test
    void others_are_handed_out_meanwhile_and_it_joins_behind_them() {
        put(mail, "1", "2");
        takeOne(mail);
        letEnd();
        put(mail, "3");
        advance(TEN);
        awaitReady(mail, 3);
        put(mail, "4");

        assertReadyInOrder(mail, "2", "3", "1", "4");
    }

    @Test
    void a_delivery_that_does_not_count_makes_no_wait_longer() {
        put(mail, "1");
        settle(takeOne(mail), new Outcome.Retry(Duration.ZERO, false));
        takeOne(mail);
        letEnd();

        assertWaits(TEN);
    }

    @Test
    void the_last_attempt_ends_at_the_target_without_a_wait() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        define(Definition.Queue.of(mail).withDeadLetter(2, dead).with().backOff(BACK_OFF).build());
        put(mail, "1");
        takeOne(mail);
        letEnd();
        assertWaits(TEN);
        takeOne(mail);

        letEnd();

        Lease lease = takeOne(dead);
        assertThat(((Via.DeadLettered) lease.via()).cause()).isEqualTo(Via.Cause.ATTEMPTS);
        assertThat(counts(mail).messages()).isZero();
    }

    @Test
    void what_waits_is_listed_with_its_time() {
        needs(Feature.DELAY, Feature.BROWSE);
        put(mail, "1");
        takeOne(mail);
        letEnd();
        Instant ended = now();

        List<MessageView> views = find(new Query.Delayed(mail, 10, null, 10)).items();

        assertThat(views).extracting(MessageView::due).containsExactly(ended.plus(TEN));
    }

    @Test
    void a_queue_that_says_nothing_lets_nothing_wait() {
        define("mail");
        put(mail, "1");
        takeOne(mail);
        letEnd();

        assertReadyInOrder(mail, "1");
    }

    @Test
    void what_waits_already_waits_on_when_the_queue_says_so_no_more() {
        put(mail, "1");
        takeOne(mail);
        letEnd();

        define("mail");

        assertWaits(TEN);
    }

    @Test
    void what_waits_waits_on_after_a_restart() {
        put(mail, "1");
        takeOne(mail);
        letEnd();
        restart();
        advance(TEN.minus(MILLISECOND));
        assertNothingToTake(mail);
        assertThat(counts(mail).delayed()).isEqualTo(1);

        advance(SECOND);

        awaitReady(mail, 1);
        assertThat(takeOne(mail).attempts()).isEqualTo(2);
    }

    @Test
    void a_timed_lease_that_ends_after_a_restart_makes_its_message_wait() {
        put(mail, "1");
        takeOne(mail);
        restart();
        advance(LEASE.plus(SECOND));
        awaitCounts(mail, counts -> counts.leased() == 0);

        assertThat(counts(mail).delayed()).isEqualTo(1);
        advance(TEN);
        assertReadyInOrder(mail, "1");
    }

    @Test
    void a_restart_gives_back_at_once_what_was_bound_to_a_session() {
        put(mail, "1");
        takeOne(session(), mail, WHILE_OPEN);
        restart();

        assertReadyInOrder(mail, "1");
    }
}
