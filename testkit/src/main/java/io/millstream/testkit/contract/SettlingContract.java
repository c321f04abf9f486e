package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// A lease ends once: by its holder, by time or with its session. What comes back has its place and
/// its counts, and a holder that comes too late changes nothing.
public abstract class SettlingContract extends BackendContract {

    /// A lease ends at most this long after its deadline.
    private static final Duration LATE = Duration.ofMillis(20);

    private final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES);
        define("mail");
    }

    // Coming back.

    @Test
    void a_finished_message_is_gone() {
        put(mail, "1");

        assertThat(settle(takeOne(mail), Outcome.done())).isEqualTo(new Effect.Settled(null));

        assertNothingToTake(mail);
        assertThat(counts(mail).messages()).isZero();
        assertThat(counts(mail).done()).isEqualTo(1);
    }

    @Test
    void a_returned_message_stands_in_its_old_place() {
        put(mail, "1", "2", "3");
        Lease first = takeOne(mail);

        assertThat(settle(first, Outcome.retry())).isEqualTo(new Effect.Settled(null));

        assertReadyInOrder(mail, "1", "2", "3");
    }

    @Test
    void messages_returned_in_any_order_stand_in_their_old_places() {
        put(mail, "1", "2", "3", "4", "5", "6");
        List<Lease> leases = take(mail, 5);
        retry(leases.get(3), leases.get(0));
        finish(leases.get(1));
        retry(leases.get(4), leases.get(2));

        assertReadyInOrder(mail, "1", "3", "4", "5", "6");
    }

    @Test
    void messages_returned_in_every_way_stand_in_their_old_places() {
        Session other = newSession("other");
        put(mail, "1", "2", "3", "4");
        takeOne(other, mail, WHILE_OPEN);
        takeOne(session(), mail, new Term.Timed(SECOND));
        Lease third = takeOne(mail);
        retry(third);
        advance(SECOND.plus(LATE));
        other.close();

        assertReadyInOrder(mail, "1", "2", "3", "4");
    }

    @Test
    void a_message_that_waits_joins_behind_everything_stored_before_it_is_due() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1", "2");
        settle(takeOne(mail), Outcome.retry(Duration.ofSeconds(10)));
        assertThat(counts(mail).delayed()).isEqualTo(1);
        put(mail, "3");
        advance(Duration.ofSeconds(10).plus(LATE));
        awaitReady(mail, 3);
        put(mail, "4");

        assertReadyInOrder(mail, "2", "3", "1", "4");
    }

    @Test
    void a_message_that_waits_is_not_handed_out_early() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1");
        settle(takeOne(mail), Outcome.retry(Duration.ofSeconds(10)));
        Pending<Taken> waiting = waitFor(mail, 1);
        advance(Duration.ofSeconds(10).minus(MILLISECOND));
        assertThat(counts(mail).delayed()).isEqualTo(1);
        assertThat(waiting.stage().toCompletableFuture()).isNotDone();

        advance(MILLISECOND.plus(LATE));

        assertThat(texts(leased(waiting))).containsExactly("1");
    }

    @Test
    void messages_that_wait_join_in_the_order_they_become_due() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1", "2", "3", "4");
        List<Lease> leases = take(mail, 3);
        settle(leases.get(0), Outcome.retry(Duration.ofSeconds(30)));
        settle(leases.get(1), Outcome.retry(Duration.ofSeconds(10)));
        settle(leases.get(2), Outcome.retry(Duration.ofSeconds(20)));
        advance(Duration.ofSeconds(31));

        assertReadyInOrder(mail, "4", "2", "3", "1");
    }

    @Test
    void a_message_that_joined_late_keeps_its_new_place() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1", "2");
        settle(takeOne(mail), Outcome.retry(SECOND));
        advance(SECOND.plus(LATE));
        awaitReady(mail, 2);
        put(mail, "3");
        List<Lease> leases = take(mail, 3);
        assertThat(texts(leases)).containsExactly("2", "1", "3");
        retry(leases.get(2), leases.get(1), leases.get(0));

        assertReadyInOrder(mail, "2", "1", "3");
    }

    @Test
    void a_returned_message_answers_a_waiting_take() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        Pending<Taken> waiting = waitFor(mail, 1);
        retry(lease);

        assertThat(texts(leased(waiting))).containsExactly("1");
    }

    // Counting.

    @Test
    void deliveries_are_all_counted_and_attempts_only_when_they_count() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1");
        retry(takeOne(mail));
        settle(takeOne(mail), new Outcome.Retry(Duration.ZERO, false));
        settle(takeOne(mail), new Outcome.Retry(SECOND, false));
        advance(SECOND.plus(LATE));

        Lease lease = takeOne(mail);

        assertThat(lease.deliveries()).isEqualTo(4);
        assertThat(lease.attempts()).isEqualTo(2);
    }

    @Test
    void the_times_of_storing_and_first_delivery_stay() {
        Instant begun = now();
        put(mail, "1");
        advance(SECOND);
        retry(takeOne(mail));
        advance(SECOND);

        Lease lease = takeOne(mail);

        assertThat(lease.stored()).isEqualTo(begun);
        assertThat(lease.firstDelivered()).isEqualTo(begun.plus(SECOND));
        assertThat(lease.until()).isEqualTo(now().plus(LEASE));
    }

    // Ending by time and by session.

    @Test
    void a_lease_that_is_not_settled_ends_by_itself_and_counts() {
        put(mail, "1", "2");
        takeOne(mail);
        advance(LEASE.plus(LATE));
        awaitReady(mail, 2);

        List<Lease> leases = take(mail, 2);

        assertThat(texts(leases)).containsExactly("1", "2");
        assertThat(leases.getFirst().deliveries()).isEqualTo(2);
        assertThat(leases.getFirst().attempts()).isEqualTo(2);
    }

    @Test
    void a_lease_never_ends_early() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        advance(LEASE.minus(MILLISECOND));

        assertNothingToTake(mail);
        commit(new Operation.Check(lease.handle()));
        finish(lease);
    }

    @Test
    void setting_the_wall_clock_ends_no_lease() {
        needs(Feature.STEADY_TIME);
        put(mail, "1");
        Lease lease = takeOne(mail);
        harness().jumpWall(Duration.ofHours(10));
        assertNothingToTake(mail);
        harness().jumpWall(Duration.ofHours(-20));
        assertNothingToTake(mail);

        commit(new Operation.Check(lease.handle()));
        advance(LEASE.plus(LATE));

        awaitReady(mail, 1);
    }

    @Test
    void closing_a_session_returns_what_was_leased_as_long_as_it_is_open() {
        Session leaving = newSession("leaving");
        put(mail, "1", "2", "3");
        Lease bound = takeOne(leaving, mail, WHILE_OPEN);
        Lease timed = takeOne(leaving, mail, TIMED);
        assertThat(bound.until()).isNull();
        leaving.close();
        leaving.close();
        awaitReady(mail, 2);

        Lease again = takeOne(mail);

        assertThat(again.message().text()).isEqualTo("1");
        assertThat(again.deliveries()).isEqualTo(2);
        assertThat(again.attempts()).isEqualTo(2);
        assertStale(finishing(bound));
        finish(timed, again);
    }

    @Test
    void a_lease_bound_to_its_session_does_not_end_by_time() {
        put(mail, "1");
        Lease lease = takeOne(session(), mail, WHILE_OPEN);
        advance(Duration.ofDays(30));

        assertNothingToTake(mail);
        finish(lease);
    }

    @Test
    void closing_a_session_ends_its_waiting_takes() {
        Session leaving = newSession("leaving");
        var waiting = leaving.take(Take.of(mail, 1, TIMED, LONG));
        leaving.close();

        assertThat(leased(waiting)).isEmpty();
        put(mail, "1");
        assertThat(takeOne(mail).deliveries()).isEqualTo(1);
    }

    // Coming too late.

    @Test
    void a_holder_whose_lease_has_ended_is_refused() {
        put(mail, "1");
        Lease late = takeOne(mail);
        advance(LEASE.plus(LATE));
        awaitReady(mail, 1);

        var refusal = refusal(Refusal.StaleFence.class, finishing(late));

        assertThat(refusal.handle()).isEqualTo(late.handle());
        assertStale(settling(late, Outcome.retry()));
        assertStale(settling(late, Outcome.dead("late")));
        assertStale(new Operation.Extend(late.handle(), SECOND, true));
        assertStale(new Operation.Check(late.handle()));
        assertReadyInOrder(mail, "1");
    }

    @Test
    void a_late_holder_cannot_touch_the_next_ones_lease() {
        put(mail, "1");
        Lease late = takeOne(mail);
        advance(LEASE.plus(LATE));
        Lease current = takeOne(mail);

        assertThat(current.handle().sequence()).isEqualTo(late.handle().sequence());
        assertThat(current.handle().fence()).isNotEqualTo(late.handle().fence());
        assertStale(finishing(late));
        assertStale(settling(late, Outcome.retry()));
        assertStale(new Operation.Extend(late.handle(), LONG, true));
        commit(new Operation.Check(current.handle()));
        finish(current);
    }

    @Test
    void a_lease_is_settled_once() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        retry(lease);

        assertStale(finishing(lease));
        assertReadyInOrder(mail, "1");
        assertStale(finishing(lease));
    }

    @Test
    void an_old_handle_deletes_what_waits_when_that_is_accepted() {
        put(mail, "1");
        Lease late = takeOne(mail);
        advance(LEASE.plus(LATE));
        awaitReady(mail, 1);

        assertThat(commit(deleting(late)).effects()).containsExactly(new Effect.Settled(null));

        assertNothingToTake(mail);
        assertThat(counts(mail).done()).isEqualTo(1);
    }

    @Test
    void an_old_handle_deletes_what_another_holds_when_that_is_accepted() {
        put(mail, "1");
        Lease late = takeOne(mail);
        advance(LEASE.plus(LATE));
        Lease current = takeOne(mail);

        commit(deleting(late));

        assertThat(counts(mail).messages()).isZero();
        assertStale(finishing(current));
        advance(LEASE.plus(LATE));
        assertNothingToTake(mail);
    }

    @Test
    void an_old_handle_deletes_what_waits_for_its_time_when_that_is_accepted() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1");
        Lease lease = takeOne(mail);
        settle(lease, Outcome.retry(SECOND));

        commit(deleting(lease));

        assertThat(counts(mail).messages()).isZero();
        advance(SECOND.plus(LATE));
        assertNothingToTake(mail);
    }

    @Test
    void deleting_what_is_gone_is_reported_as_settled_when_that_is_accepted() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        commit(deleting(lease));

        assertThat(commit(deleting(lease)).effects()).containsExactly(new Effect.Settled(null));

        assertThat(counts(mail).done()).isEqualTo(1);
    }

    @Test
    void only_done_is_accepted_from_an_old_handle() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        for (Outcome outcome : List.of(Outcome.retry(), Outcome.dead("no"))) {
            var settle = new Operation.Settle(lease.handle(), outcome, Operation.Stale.ACCEPT);
            refusal(Refusal.Invalid.class, settle);
        }
        finish(lease);
    }

    @Test
    void any_session_may_settle_a_handle_it_knows() {
        Session worker = newSession("worker");
        put(mail, "1", "2");
        Lease timed = takeOne(worker, mail, TIMED);
        Lease bound = takeOne(worker, mail, WHILE_OPEN);

        finish(timed, bound);

        assertThat(counts(mail).done()).isEqualTo(2);
    }

    // Extending.

    @Test
    void an_extended_lease_outlives_its_first_end() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        advance(Duration.ofSeconds(20));

        var effects = commit(new Operation.Extend(lease.handle(), LEASE, true)).effects();

        assertThat(effects).containsExactly(new Effect.Extended(now().plus(LEASE)));
        advance(LEASE.minus(MILLISECOND));
        assertNothingToTake(mail);
        commit(new Operation.Check(lease.handle()));
        advance(MILLISECOND.plus(LATE));
        awaitReady(mail, 1);
        assertStale(finishing(lease));
    }

    @Test
    void a_lease_can_be_made_shorter() {
        put(mail, "1");
        Lease lease = takeOne(mail);

        commit(new Operation.Extend(lease.handle(), SECOND, false));

        advance(SECOND.plus(LATE));
        awaitReady(mail, 1);
        assertStale(finishing(lease));
    }

    @Test
    void a_lease_bound_to_its_session_is_not_extended() {
        put(mail, "1");
        Lease lease = takeOne(session(), mail, WHILE_OPEN);

        refusal(Refusal.Invalid.class, new Operation.Extend(lease.handle(), SECOND, true));

        finish(lease);
    }
}
