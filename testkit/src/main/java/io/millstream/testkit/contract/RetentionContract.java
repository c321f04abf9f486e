package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Taken;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// A message that is older than its queue lets it become is gone, not earlier and not later; what
/// is leased may be finished first.
public abstract class RetentionContract extends BackendContract {

    private static final Duration RETENTION = Duration.ofMinutes(1);

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName dead = ChannelName.of("dead");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.RETENTION);
        keep(RETENTION);
    }

    private void keep(@Nullable Duration retention) {
        define(Definition.Queue.of(mail).withRetention(retention));
    }

    private void assertExpired(ChannelName queue, long messages) {
        awaitCounts(queue, counts -> counts.expired() == messages);
        View.QueueCounts counts = counts(queue);
        assertThat(counts.stored() - counts.done() - counts.dead() - counts.expired())
                .isEqualTo(counts.messages());
    }

    /// Lets a message become as old as it may without going.
    private void almost() {
        advance(RETENTION.minus(MILLISECOND));
    }

    @Test
    void a_message_goes_when_it_is_as_old_as_its_queue_allows_and_not_before() {
        put(mail, "1");
        almost();
        assertThat(counts(mail).ready()).isEqualTo(1);

        advance(MILLISECOND);

        assertExpired(mail, 1);
        assertThat(counts(mail).bytes()).isZero();
        assertThat(counts(mail).dead()).isZero();
        assertNothingToTake(mail);
    }

    @Test
    void the_old_go_and_the_young_stay_in_order() {
        put(mail, "1", "2");
        advance(SECOND);
        put(mail, "3", "4");
        advance(RETENTION.minus(SECOND));

        assertExpired(mail, 2);
        assertReadyInOrder(mail, "3", "4");
    }

    @Test
    void a_queue_that_says_nothing_keeps_its_messages() {
        define("kept");
        put(ChannelName.of("kept"), "1");

        advance(Duration.ofDays(1000));

        assertReadyInOrder(ChannelName.of("kept"), "1");
    }

    @Test
    void a_leased_message_can_be_finished_however_old_it_is() {
        put(mail, "1");
        almost();
        Lease lease = takeOne(mail);
        advance(SECOND);
        assertThat(counts(mail).leased()).isEqualTo(1);

        finish(lease);

        assertThat(counts(mail).done()).isEqualTo(1);
        assertThat(counts(mail).expired()).isZero();
    }

    @Test
    void a_lease_that_ends_too_late_ends_in_nothing() {
        put(mail, "1");
        almost();
        Lease lease = takeOne(mail);

        advance(LEASE);

        assertExpired(mail, 1);
        assertStale(finishing(lease));
        assertThat(commit(deleting(lease)).effects().getFirst()).isInstanceOf(Effect.Settled.class);
    }

    @Test
    void a_retry_that_comes_too_late_ends_in_nothing() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1", "2");
        almost();
        List<Lease> leases = take(mail, 2);
        advance(SECOND);

        retry(leases.getFirst());
        settle(leases.getLast(), Outcome.retry(SECOND));

        assertExpired(mail, 2);
        assertNothingToTake(mail);
    }

    @Test
    void a_message_that_was_given_back_goes_at_its_time() {
        put(mail, "1");
        retry(takeOne(mail));
        almost();
        assertThat(counts(mail).ready()).isEqualTo(1);

        advance(MILLISECOND);

        assertExpired(mail, 1);
    }

    @Test
    void a_message_that_waits_for_its_time_goes_at_its_end() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1");
        settle(takeOne(mail), Outcome.retry(RETENTION.multipliedBy(2)));
        almost();
        assertThat(counts(mail).delayed()).isEqualTo(1);

        advance(MILLISECOND);

        assertExpired(mail, 1);
        advance(RETENTION.multipliedBy(2));
        assertNothingToTake(mail);
    }

    @Test
    void a_message_behind_a_leased_one_goes_alone() {
        put(mail, "1", "2", "3");
        Lease first = takeOne(mail);
        commit(new Operation.Extend(first.handle(), RETENTION.plus(LEASE), true));

        advance(RETENTION);

        assertExpired(mail, 2);
        finish(first);
        assertThat(counts(mail).messages()).isZero();
    }

    @Test
    void a_dead_letter_is_as_old_as_the_message_was() {
        needs(Feature.DEAD_LETTER);
        define(Definition.Queue.of(dead).withRetention(RETENTION));
        define(Definition.Queue.of(mail).withDeadLetter(0, dead));
        put(mail, "1");
        advance(RETENTION.minus(SECOND));
        settle(takeOne(mail), Outcome.dead("bad"));
        awaitReady(dead, 1);

        advance(SECOND);

        assertExpired(dead, 1);
        assertThat(counts(mail).dead()).isEqualTo(1);
    }

    @Test
    void a_dead_letter_goes_though_a_younger_one_stands_before_it() {
        needs(Feature.DEAD_LETTER);
        define(Definition.Queue.of(dead).withRetention(RETENTION));
        define(Definition.Queue.of(mail).withDeadLetter(0, dead));
        put(mail, "old");
        Lease old = takeOne(mail);
        advance(SECOND);
        put(mail, "young");
        settle(takeOne(mail), Outcome.dead("bad"));
        settle(old, Outcome.dead("bad"));
        put(dead, "last");
        awaitReady(dead, 3);

        advance(RETENTION.minus(SECOND));

        assertExpired(dead, 1);
        assertThat(counts(dead).ready()).isEqualTo(2);
        restart();
        assertThat(counts(dead).ready()).isEqualTo(2);
        assertReadyInOrder(dead, "young", "last");
    }

    @Test
    void a_message_that_is_stuck_goes_too() {
        needs(Feature.DEAD_LETTER);
        define(Definition.Queue.of(mail).withRetention(RETENTION).withDeadLetter(0, dead));
        put(mail, "1");
        settle(takeOne(mail), Outcome.dead("bad"));
        assertThat(counts(mail).delayed()).isEqualTo(1);

        advance(RETENTION);

        assertExpired(mail, 1);
        define("dead");
        assertThat(counts(dead).messages()).isZero();
    }

    @Test
    void a_shorter_retention_holds_for_what_is_there_at_once() {
        put(mail, "1");
        advance(Duration.ofSeconds(10));
        put(mail, "2");

        keep(Duration.ofSeconds(10));

        assertExpired(mail, 1);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void a_longer_retention_holds_for_what_is_there_at_once() {
        put(mail, "1");
        retry(takeOne(mail));
        almost();

        keep(RETENTION.plus(SECOND));
        advance(SECOND);

        assertThat(counts(mail).ready()).isEqualTo(1);
        advance(MILLISECOND);
        assertExpired(mail, 1);
        keep(null);
        put(mail, "2");
        advance(LONG);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void who_waits_gets_what_comes_after_the_old() {
        define(Definition.Queue.of(mail).withRetention(RETENTION).withMaxInFlight(1));
        put(mail, "1", "2");
        Lease first = takeOne(mail);
        commit(new Operation.Extend(first.handle(), RETENTION.plus(LEASE), true));
        Pending<Taken> waiting = waitFor(mail, 1);
        advance(RETENTION);
        assertExpired(mail, 1);

        finish(first);
        put(mail, "3");

        assertThat(texts(leased(waiting))).containsExactly("3");
    }

    @Test
    void ten_thousand_messages_go_together() {
        String[] texts = new String[500];
        Arrays.fill(texts, "x");
        for (int i = 0; i < 20; i++) {
            put(mail, texts);
        }

        advance(RETENTION);

        assertExpired(mail, 10_000);
        put(mail, "young");
        assertReadyInOrder(mail, "young");
    }

    @Test
    void what_expired_stays_gone_after_a_restart_and_the_rest_goes_in_its_time() {
        put(mail, "1");
        retry(takeOne(mail));
        advance(SECOND);
        put(mail, "2");
        advance(RETENTION.minus(SECOND));
        assertExpired(mail, 1);

        restart();

        assertThat(counts(mail).expired()).isEqualTo(1);
        assertThat(counts(mail).ready()).isEqualTo(1);
        advance(SECOND);
        assertExpired(mail, 2);
    }

    @Test
    void a_wall_clock_that_jumps_expires_nothing() {
        needs(Feature.STEADY_TIME);
        put(mail, "1");

        harness().jumpWall(Duration.ofDays(30));

        assertThat(counts(mail).expired()).isZero();
        assertReadyInOrder(mail, "1");
    }
}
