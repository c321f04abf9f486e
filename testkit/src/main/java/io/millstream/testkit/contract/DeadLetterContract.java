package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Taken;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;

/// A message that cannot be worked is in exactly one place: at its target with its story, at its
/// source until the target is there, or counted as dropped.
public abstract class DeadLetterContract extends BackendContract {

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName dead = ChannelName.of("dead");
    private final ChannelName other = ChannelName.of("other");

    @BeforeEach
    void need_dead_letters() {
        needs(Feature.QUEUES, Feature.DEAD_LETTER);
    }

    private void defineMail(int maxAttempts, @Nullable ChannelName target) {
        define(Definition.Queue.of(mail).withDeadLetter(maxAttempts, target));
    }

    @Test
    void a_message_moves_when_its_last_lease_ends_unsettled() {
        define("dead");
        defineMail(2, dead);
        Instant begun = now();
        put(mail, "1");
        retry(takeOne(mail));
        advance(SECOND);
        takeOne(mail);
        advance(LEASE.plus(SECOND));

        Lease lease = takeOne(dead);

        assertThat(lease.message().text()).isEqualTo("1");
        assertThat(lease.stored()).isEqualTo(begun);
        assertThat(lease.firstDelivered()).isEqualTo(begun);
        assertThat(lease.deliveries()).isEqualTo(3);
        assertThat(lease.attempts()).isEqualTo(1);
        assertThat(lease.via())
                .isEqualTo(died(mail, Via.Cause.ATTEMPTS, "attempts used up: 2 of 2", now()));
        assertThat(counts(mail).messages()).isZero();
        assertThat(counts(mail).dead()).isEqualTo(1);
        assertThat(counts(mail).done()).isZero();
    }

    @Test
    void a_long_poll_counts_receives_and_gives_up_after_the_last() {
        define("dead");
        defineMail(3, dead);
        put(mail, "poison");
        for (int receive = 1; receive <= 3; receive++) {
            Pending<Taken> poll = waitFor(mail, 10);
            Lease lease = leased(poll).getFirst();
            assertThat(lease.deliveries()).isEqualTo(receive);
            advance(LEASE.plus(SECOND));
        }
        awaitCounts(mail, counts -> counts.messages() == 0);

        assertThat(takeOne(dead).message().text()).isEqualTo("poison");
        assertNothingToTake(mail);
    }

    @Test
    void a_counted_retry_at_the_limit_moves_the_message_at_once() {
        define("dead");
        defineMail(1, dead);
        put(mail, "1");

        assertThat(settle(takeOne(mail), Outcome.retry())).isEqualTo(new Effect.Settled(dead));

        assertReadyInOrder(dead, "1");
    }

    @Test
    void a_retry_that_does_not_count_never_uses_attempts_up() {
        define("dead");
        defineMail(1, dead);
        put(mail, "1");
        for (int i = 0; i < 5; i++) {
            settle(takeOne(mail), new Outcome.Retry(Duration.ZERO, false));
        }

        assertThat(takeOne(mail).deliveries()).isEqualTo(6);
        assertThat(counts(dead).messages()).isZero();
    }

    @Test
    void a_delayed_retry_that_uses_attempts_up_waits_for_nothing() {
        needs(Feature.RETRY_AFTER);
        define("dead");
        defineMail(1, dead);
        put(mail, "1");

        assertThat(settle(takeOne(mail), Outcome.retry(SECOND)))
                .isEqualTo(new Effect.Settled(dead));
        assertReadyInOrder(dead, "1");
        assertThat(counts(mail).messages()).isZero();
    }

    @Test
    void a_closed_session_uses_an_attempt_up() {
        define("dead");
        defineMail(1, dead);
        put(mail, "1");
        Session leaving = newSession("leaving");
        takeOne(leaving, mail, WHILE_OPEN);
        leaving.close();

        assertReadyInOrder(dead, "1");
    }

    @Test
    void a_message_given_up_moves_with_its_reason() {
        define("dead");
        defineMail(0, dead);
        put(mail, "1");

        Effect effect = settle(takeOne(mail), Outcome.dead("no such address"));

        assertThat(effect).isEqualTo(new Effect.Settled(dead));
        Lease lease = takeOne(dead);
        assertThat(lease.via()).isEqualTo(died(mail, Via.Cause.REJECTED, "no such address", now()));
        assertThat(lease.deliveries()).isEqualTo(2);
        assertThat(counts(mail).dead()).isEqualTo(1);
    }

    @Test
    void without_a_target_a_dead_message_is_dropped_and_counted() {
        defineMail(1, null);
        put(mail, "1", "2");

        assertThat(settle(takeOne(mail), Outcome.dead("no"))).isEqualTo(new Effect.Settled(null));
        assertThat(settle(takeOne(mail), Outcome.retry())).isEqualTo(new Effect.Settled(null));

        assertThat(counts(mail).messages()).isZero();
        assertThat(counts(mail).dead()).isEqualTo(2);
    }

    @Test
    void a_dead_letter_arrives_behind_what_is_there_and_answers_who_waits() {
        define("dead");
        defineMail(1, dead);
        put(dead, "first");
        put(mail, "1");
        assertThat(texts(take(dead, 1))).containsExactly("first");
        Pending<Taken> waiting = waitFor(dead, 1);
        retry(takeOne(mail));

        assertThat(texts(leased(waiting))).containsExactly("1");
    }

    @Test
    void while_its_target_is_missing_a_dead_message_stays_and_is_not_handed_out() {
        defineMail(1, dead);
        put(mail, "1", "2");
        Lease lease = takeOne(mail);

        assertThat(settle(lease, Outcome.retry())).isEqualTo(new Effect.Settled(null));
        assertThat(settle(takeOne(mail), Outcome.dead("no"))).isEqualTo(new Effect.Settled(null));

        assertNothingToTake(mail);
        assertStale(finishing(lease));
        assertThat(counts(mail).delayed()).isEqualTo(2);
        assertThat(counts(mail).dead()).isZero();
        define("dead");
        assertReadyInOrder(dead, "1", "2");
        assertThat(counts(mail).messages()).isZero();
        assertThat(counts(mail).dead()).isEqualTo(2);
    }

    @Test
    void a_message_whose_target_is_missing_follows_a_new_target() {
        define("other");
        defineMail(0, dead);
        put(mail, "1");
        settle(takeOne(mail), Outcome.dead("no such address"));

        defineMail(0, other);

        Lease lease = takeOne(other);
        assertThat(lease.via()).isInstanceOf(Via.DeadLettered.class);
        assertThat(((Via.DeadLettered) lease.via()).reason()).isEqualTo("no such address");
        assertThat(counts(mail).messages()).isZero();
    }

    @Test
    void a_message_whose_target_is_missing_is_worked_again_without_a_limit() {
        defineMail(1, dead);
        put(mail, "1", "2");
        retry(takeOne(mail));

        defineMail(0, dead);

        assertReadyInOrder(mail, "1", "2");
    }

    @Test
    void a_removed_target_is_a_missing_one() {
        define("dead");
        defineMail(1, dead);
        put(mail, "1");
        commit(removing(dead));
        retry(takeOne(mail));
        assertThat(counts(mail).delayed()).isEqualTo(1);

        define("dead");

        assertReadyInOrder(dead, "1");
    }

    @Test
    void a_lowered_limit_is_met_by_the_next_take() {
        define("dead");
        defineMail(0, dead);
        put(mail, "1", "2");
        retry(takeOne(mail));
        retry(takeOne(mail));
        defineMail(2, dead);

        assertThat(texts(takeNow(mail, 1))).containsExactly("2");

        Lease lease = takeOne(dead);
        assertThat(lease.message().text()).isEqualTo("1");
        assertThat(((Via.DeadLettered) lease.via()).reason()).isEqualTo("attempts used up: 2 of 2");
    }

    @Test
    void a_chain_of_targets_is_followed_one_death_at_a_time() {
        define("other");
        define(Definition.Queue.of(dead).withDeadLetter(1, other));
        defineMail(1, dead);
        put(mail, "1");
        retry(takeOne(mail));
        assertThat(counts(other).messages()).isZero();
        retry(takeOne(dead));

        Lease lease = takeOne(other);

        assertThat(lease.deliveries()).isEqualTo(3);
        assertThat(lease.via()).isInstanceOf(Via.DeadLettered.class);
        Via.DeadLettered via = (Via.DeadLettered) lease.via();
        assertThat(via.from()).isEqualTo(dead);
        assertThat(via.cause()).isEqualTo(Via.Cause.ATTEMPTS);
        assertThat(via.reason()).isEqualTo("attempts used up: 1 of 1");
        assertThat(via.deaths()).isEqualTo(2);
        assertThat(via.history().getFirst())
                .isEqualTo(new Via.Death(dead, Via.Cause.ATTEMPTS, 1, now(), now()));
    }

    @Test
    void a_cycle_of_targets_goes_round_one_death_at_a_time() {
        define(Definition.Queue.of(dead).withDeadLetter(1, mail));
        defineMail(1, dead);
        put(mail, "1");
        for (int round = 0; round < 3; round++) {
            retry(takeOne(mail));
            retry(takeOne(dead));
        }

        Lease lease = takeOne(mail);

        assertThat(lease.deliveries()).isEqualTo(7);
        assertThat(lease.attempts()).isEqualTo(1);
        assertThat(((Via.DeadLettered) lease.via()).deaths()).isEqualTo(6);
    }

    @Test
    void a_queue_may_not_dead_letter_into_itself() {
        refusal(Refusal.Invalid.class, defining(Definition.Queue.of(mail).withDeadLetter(3, mail)));
    }

    @Test
    void a_target_defined_in_the_same_commit_is_found() {
        needs(Feature.ATOMIC_COMMIT);
        defineMail(0, dead);
        put(mail, "1");
        Lease lease = takeOne(mail);

        Receipt.Committed receipt =
                commit(defining(Definition.Queue.of(dead)), settling(lease, Outcome.dead("no")));

        assertThat(receipt.effects().getLast()).isEqualTo(new Effect.Settled(dead));
        assertReadyInOrder(dead, "1");
    }

    @Test
    void a_target_removed_in_the_same_commit_is_missing() {
        needs(Feature.ATOMIC_COMMIT);
        define("dead");
        defineMail(0, dead);
        put(mail, "1");
        Lease lease = takeOne(mail);

        Receipt.Committed receipt = commit(removing(dead), settling(lease, Outcome.dead("no")));

        assertThat(receipt.effects().getLast()).isEqualTo(new Effect.Settled(null));
        assertThat(counts(mail).delayed()).isEqualTo(1);
    }

    @Test
    void a_death_in_a_refused_commit_did_not_happen() {
        needs(Feature.ATOMIC_COMMIT);
        define("dead");
        defineMail(0, dead);
        put(mail, "1");
        Lease lease = takeOne(mail);
        ChannelName absent = ChannelName.of("absent");

        Receipt.Refused refused =
                refused(settling(lease, Outcome.dead("no")), putting(absent, "2"));

        assertThat(refused.operation()).isEqualTo(1);
        assertThat(counts(dead).messages()).isZero();
        assertThat(counts(dead).stored()).isZero();
        assertThat(counts(mail).dead()).isZero();
        commit(new Operation.Check(lease.handle()));
        finish(lease);
    }
}
