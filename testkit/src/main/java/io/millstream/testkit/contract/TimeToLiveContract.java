package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Taken;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// What nobody took in its time is dead-lettered or dropped when it is the next to be handed out:
/// not earlier, without anybody asking, and never while somebody holds it.
public abstract class TimeToLiveContract extends BackendContract {

    private static final Duration LIVE = Duration.ofSeconds(10);

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName dead = ChannelName.of("dead");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.TIME_TO_LIVE);
        define("mail");
    }

    private void live(@Nullable Duration timeToLive) {
        define(Definition.Queue.of(mail).with().timeToLive(timeToLive).build());
    }

    private void deadLetter() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        define(Definition.Queue.of(mail).withDeadLetter(0, dead));
    }

    private void almost() {
        advance(LIVE.minus(MILLISECOND));
    }

    private void assertExpired(long messages) {
        awaitCounts(mail, counts -> counts.expired() == messages);
        assertThat(counts(mail).dead()).isZero();
    }

    // When.

    @Test
    void a_message_goes_when_its_time_is_over_and_not_before() {
        put(mail, mortal(LIVE, "1"));
        almost();
        assertThat(counts(mail).ready()).isEqualTo(1);
        assertThat(counts(mail).expired()).isZero();

        advance(MILLISECOND);

        assertExpired(1);
        assertThat(counts(mail).messages()).isZero();
        assertThat(counts(mail).bytes()).isZero();
        assertNothingToTake(mail);
    }

    @Test
    void a_message_can_be_taken_until_its_last_millisecond() {
        put(mail, mortal(LIVE, "1"));
        almost();

        assertReadyInOrder(mail, "1");

        advance(SECOND);
        assertThat(counts(mail).expired()).isZero();
        assertThat(counts(mail).done()).isEqualTo(1);
    }

    @Test
    void a_queue_has_a_time_for_all_its_messages() {
        live(LIVE);
        put(mail, "1");
        pass(SECOND);
        put(mail, "2");
        advance(LIVE.minus(SECOND));

        assertExpired(1);
        assertThat(counts(mail).ready()).isEqualTo(1);
        advance(SECOND);
        assertExpired(2);
    }

    @Test
    void the_shorter_time_holds() {
        live(LIVE);
        put(mail, mortal(LIVE.multipliedBy(2), "the queue's"));
        almost();
        assertThat(counts(mail).ready()).isEqualTo(1);
        advance(MILLISECOND);
        assertExpired(1);

        put(mail, mortal(SECOND, "its own"));

        advance(SECOND);
        assertExpired(2);
    }

    @Test
    void no_time_at_all_is_a_millisecond() {
        Pending<Taken> waiting = waitFor(mail, 1);
        put(mail, mortal(Duration.ZERO, "for who waits"));
        assertThat(texts(leased(waiting))).containsExactly("for who waits");
        put(mail, mortal(Duration.ZERO, "for nobody"));
        assertThat(counts(mail).ready()).isEqualTo(1);

        advance(MILLISECOND);

        assertExpired(1);
    }

    @Test
    void a_wall_clock_that_jumps_ends_nothing() {
        needs(Feature.STEADY_TIME);
        put(mail, mortal(LIVE, "1"));

        harness().jumpWall(Duration.ofDays(30));

        assertThat(counts(mail).expired()).isZero();
        assertReadyInOrder(mail, "1");
    }

    @Test
    void a_time_of_years_ends_nothing_before() {
        put(mail, mortal(Duration.ofDays(3650), "1"));

        advance(Duration.ofDays(3649));

        assertReadyInOrder(mail, "1");
    }

    // Where.

    @Test
    void one_that_is_overdue_behind_another_goes_when_it_is_the_next() {
        put(mail, "immortal");
        put(mail, mortal(LIVE, "mortal"));
        put(mail, "after");
        advance(LIVE.multipliedBy(2));
        assertThat(counts(mail).ready()).isEqualTo(3);
        assertThat(counts(mail).expired()).isZero();

        Lease lease = takeOne(mail);

        assertThat(lease.message().text()).isEqualTo("immortal");
        assertExpired(1);
        assertReadyInOrder(mail, "after");
    }

    @Test
    void a_take_of_several_gets_no_overdue_ones() {
        put(mail, "1");
        put(mail, mortal(LIVE, "overdue"));
        put(mail, "2");
        put(mail, mortal(LIVE.multipliedBy(3), "3"));
        advance(LIVE);

        assertThat(texts(takeNow(mail, 10))).containsExactly("1", "2", "3");
        assertExpired(1);
    }

    @Test
    void several_that_are_overdue_go_together_and_in_order() {
        deadLetter();
        for (String text : List.of("1", "2", "3")) put(mail, mortal(LIVE, text));
        put(mail, "4");

        advance(LIVE);

        awaitCounts(mail, counts -> counts.dead() == 3);
        assertReadyInOrder(dead, "1", "2", "3");
        assertReadyInOrder(mail, "4");
    }

    @Test
    void where_no_more_may_be_leased_what_is_next_goes_all_the_same() {
        define(Definition.Queue.of(mail).withMaxInFlight(1));
        put(mail, "1");
        put(mail, mortal(LIVE, "2"));
        takeOne(mail);

        advance(LIVE);

        assertExpired(1);
    }

    // While.

    @Test
    void a_leased_message_can_be_finished_however_late() {
        put(mail, mortal(LIVE, "1"));
        almost();
        Lease lease = takeOne(mail);
        advance(SECOND);

        assertThat(counts(mail).leased()).isEqualTo(1);
        finish(lease);
        assertThat(counts(mail).expired()).isZero();
    }

    @Test
    void a_message_that_comes_back_too_late_goes_at_once() {
        put(mail, mortal(LIVE, "1"));
        Lease lease = takeOne(mail);
        advance(LIVE);

        retry(lease);

        assertExpired(1);
        assertNothingToTake(mail);
    }

    @Test
    void a_lease_that_ends_too_late_ends_in_nothing() {
        put(mail, mortal(LIVE, "1"));
        takeOne(mail);
        Pending<Taken> waiting = waitFor(mail, 1);

        advance(LEASE);

        assertExpired(1);
        assertThat(waiting.stage().toCompletableFuture()).isNotDone();
        put(mail, "2");
        assertThat(texts(leased(waiting))).containsExactly("2");
    }

    @Test
    void a_message_that_comes_back_in_time_goes_at_its_time() {
        put(mail, mortal(LIVE, "1"));
        retry(takeOne(mail));
        almost();
        assertThat(counts(mail).ready()).isEqualTo(1);

        advance(MILLISECOND);

        assertExpired(1);
    }

    @Test
    void a_message_that_waits_for_its_time_goes_when_that_has_come() {
        needs(Feature.RETRY_AFTER);
        put(mail, mortal(LIVE, "1"));
        settle(takeOne(mail), Outcome.retry(LIVE.multipliedBy(2)));
        advance(LIVE.multipliedBy(2).minus(MILLISECOND));
        assertThat(counts(mail).delayed()).isEqualTo(1);
        assertThat(counts(mail).expired()).isZero();

        advance(MILLISECOND);

        assertExpired(1);
        assertNothingToTake(mail);
    }

    // Redefining.

    @Test
    void a_shorter_time_holds_for_what_is_there_at_once() {
        put(mail, "1");
        advance(LIVE);
        put(mail, "2");

        live(LIVE);

        assertExpired(1);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void a_longer_time_holds_for_what_is_there_at_once() {
        live(LIVE);
        put(mail, "1");
        almost();

        live(LIVE.plus(SECOND));
        advance(SECOND);

        assertThat(counts(mail).ready()).isEqualTo(1);
        live(null);
        advance(LONG);
        assertReadyInOrder(mail, "1");
    }

    // Dead letters.

    @Test
    void with_a_target_it_is_dead_lettered_and_says_why() {
        deadLetter();
        Instant begun = now();
        put(mail, mortal(LIVE, "1"));

        advance(LIVE);

        Lease lease = takeOne(dead);
        assertThat(lease.message().text()).isEqualTo("1");
        assertThat(lease.via()).isEqualTo(died(mail, Via.Cause.EXPIRED, "expired", now()));
        assertThat(lease.stored()).isEqualTo(begun);
        assertThat(lease.deliveries()).isEqualTo(1);
        assertThat(counts(mail).dead()).isEqualTo(1);
        assertThat(counts(mail).expired()).isZero();
    }

    @Test
    void a_dead_letter_lives_as_long_as_its_new_queue_says_from_its_arrival_on() {
        deadLetter();
        define(Definition.Queue.of(dead).with().timeToLive(LIVE).build());
        put(mail, mortal(SECOND, "1"));
        advance(SECOND);
        awaitReady(dead, 1);
        almost();
        assertThat(counts(dead).ready()).isEqualTo(1);

        advance(MILLISECOND);

        awaitCounts(dead, counts -> counts.expired() == 1);
    }

    @Test
    void a_dead_letters_own_time_is_over() {
        deadLetter();
        put(mail, mortal(SECOND, "1"));
        advance(SECOND);
        awaitReady(dead, 1);

        advance(LONG);

        assertReadyInOrder(dead, "1");
    }

    @Test
    void while_its_target_is_missing_it_waits_for_it() {
        needs(Feature.DEAD_LETTER);
        define(Definition.Queue.of(mail).withDeadLetter(0, dead));
        put(mail, mortal(LIVE, "1"));
        advance(LIVE);
        awaitCounts(mail, counts -> counts.delayed() == 1);
        assertNothingToTake(mail);

        define("dead");

        Lease lease = takeOne(dead);
        assertThat(((Via.DeadLettered) lease.via()).cause()).isEqualTo(Via.Cause.EXPIRED);
        assertThat(((Via.DeadLettered) lease.via()).reason()).isEqualTo("expired");
        assertThat(counts(mail).dead()).isEqualTo(1);
    }

    // Restarts.

    @Test
    void what_is_left_of_its_time_is_kept_over_a_restart() {
        put(mail, mortal(LIVE, "1"));
        put(mail, mortal(LIVE.multipliedBy(3), "2"));
        advance(SECOND);
        restart();
        advance(LIVE.minus(SECOND).minus(MILLISECOND));
        assertThat(counts(mail).ready()).isEqualTo(2);

        advance(SECOND);

        assertExpired(1);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void what_went_stays_gone_over_a_restart() {
        deadLetter();
        put(mail, mortal(LIVE, "1"));
        advance(LIVE);
        awaitReady(dead, 1);
        restart();

        assertThat(counts(mail).dead()).isEqualTo(1);
        assertThat(counts(mail).messages()).isZero();
        assertReadyInOrder(dead, "1");
    }
}
