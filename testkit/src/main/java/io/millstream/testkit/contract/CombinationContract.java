package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.Capacity;
import io.millstream.api.Capacity.Overflow;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Taken;
import io.millstream.api.Via;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;

/// How features combine is fixed once: delays, times to live, capacities, deduplication and the
/// rest in one queue do what is said here, whatever the backend.
public abstract class CombinationContract extends CombinationFixture {

    // Delays.

    @Test
    void delay_and_retention_what_is_too_old_goes_though_it_waits() {
        needs(Feature.DELAY, Feature.RETENTION);
        defineMail(queue -> queue.retention(TEN));
        put(mail, delayed(TEN.multipliedBy(2), "1"));
        advance(TEN.minus(MILLISECOND));
        assertThat(counts(mail).delayed()).isEqualTo(1);

        advance(MILLISECOND);

        awaitCounts(mail, counts -> counts.expired() == 1);
        advance(TEN.multipliedBy(2));
        assertNothingToTake(mail);
        assertThat(counts(mail).messages()).isZero();
    }

    @Test
    void delay_and_time_to_live_it_ends_when_it_is_due_and_not_before() {
        needs(Feature.DELAY, Feature.TIME_TO_LIVE);
        define("mail");
        Pending<Taken> waiting = waitFor(mail, 1);
        put(mail, of("overdue", m -> m.delay(TEN).timeToLive(SECOND)));
        put(mail, of("in time", m -> m.delay(TEN).timeToLive(TEN.plus(MILLISECOND))));
        advance(TEN.minus(MILLISECOND));
        assertThat(counts(mail).delayed()).isEqualTo(2);
        assertThat(counts(mail).expired()).isZero();

        advance(MILLISECOND);

        assertThat(texts(leased(waiting))).containsExactly("in time");
        assertThat(counts(mail).expired()).isEqualTo(1);
    }

    @Test
    void delay_and_capacity_it_counts_from_the_beginning() {
        needs(Feature.DELAY, Feature.CAPACITY, Feature.PURGE);
        defineMail(queue -> queue.capacity(limit(1, Overflow.REFUSE)));
        long sequence = put(mail, delayed(TEN, "1"));
        refusal(Refusal.IsFull.class, putting(mail, "2"));

        commit(new Operation.Edit.Drop(mail, sequence));

        put(mail, "3");
        assertReadyInOrder(mail, "3");
    }

    @Test
    void delay_and_deduplication_the_time_counts_from_the_put() {
        needs(Feature.DELAY, Feature.DEDUPLICATION);
        defineMail(queue -> queue.deduplication(deduplication(Deduplication.Scope.QUEUE)));
        Message message = of("1", m -> m.delay(TEN.multipliedBy(2)).deduplication("k"));
        long first = put(mail, message);
        advance(TEN.minus(MILLISECOND));
        assertThat(commit(putting(mail, message)).effects())
                .containsExactly(new Effect.Duplicate(first));

        advance(MILLISECOND);

        put(mail, message);
        assertThat(counts(mail).delayed()).isEqualTo(2);
    }

    @Test
    void delay_and_call_off_what_was_called_off_is_remembered() {
        needs(Feature.DELAY, Feature.DEDUPLICATION, Feature.PURGE);
        defineMail(queue -> queue.deduplication(deduplication(Deduplication.Scope.QUEUE)));
        Message message = of("1", m -> m.delay(SECOND).deduplication("k"));
        long first = put(mail, message);

        commit(new Operation.Edit.Drop(mail, first));

        assertThat(commit(putting(mail, message)).effects())
                .containsExactly(new Effect.Duplicate(first));
    }

    @Test
    void delay_and_dead_letters_a_dead_letter_does_not_wait_again() {
        needs(Feature.DELAY, Feature.DEAD_LETTER);
        define("dead");
        defineMail(queue -> queue.deadLetter(dead));
        put(mail, delayed(TEN, "1"));
        advance(TEN);
        settle(takeOne(mail), Outcome.dead("bad"));

        assertReadyInOrder(dead, "1");
    }

    @Test
    void delay_and_dead_letters_a_dead_letters_place_is_that_of_its_arrival() {
        needs(Feature.DELAY, Feature.DEAD_LETTER);
        define("dead");
        defineMail(queue -> queue.deadLetter(dead));
        put(mail, "old");
        Lease old = takeOne(mail);
        put(dead, delayed(TEN, "waited"));
        advance(TEN.minus(SECOND));
        put(dead, "before");
        advance(SECOND.multipliedBy(2));
        awaitReady(dead, 2);

        settle(old, Outcome.dead("bad"));

        assertReadyInOrder(dead, "before", "waited", "old");
    }

    @Test
    void delay_and_move_what_has_waited_does_not_wait_again() {
        needs(Feature.DELAY, Feature.MOVE);
        define("mail");
        define("post");
        put(mail, delayed(TEN, "1"));
        put(mail, delayed(TEN.multipliedBy(2), "2"));
        advance(TEN);
        awaitReady(mail, 1);

        assertThat(commit(new Operation.Edit.Move(mail, post, 10)).effects())
                .containsExactly(new Effect.Edited(1));

        assertReadyInOrder(post, "1");
        assertThat(counts(mail).delayed()).isEqualTo(1);
    }

    @Test
    void delay_and_pause_what_is_due_meanwhile_comes_after_the_pause() {
        needs(Feature.DELAY, Feature.PAUSE);
        defineMail(queue -> queue.paused(true));
        put(mail, delayed(TEN, "waited"));
        put(mail, "1");
        advance(TEN);
        awaitReady(mail, 2);
        assertNothingToTake(mail);
        put(mail, "2");

        define("mail");

        assertReadyInOrder(mail, "1", "waited", "2");
    }

    // Times to live and retention.

    @Test
    void time_to_live_and_retention_what_is_too_old_is_dropped_and_no_dead_letter() {
        needs(Feature.TIME_TO_LIVE, Feature.RETENTION, Feature.DEAD_LETTER);
        define("dead");
        defineMail(queue -> queue.deadLetter(dead).retention(TEN).timeToLive(TEN.multipliedBy(2)));
        put(mail, "1");

        advance(TEN);

        awaitCounts(mail, counts -> counts.expired() == 1);
        assertThat(counts(mail).dead()).isZero();
        assertThat(counts(dead).messages()).isZero();
    }

    @Test
    void time_to_live_and_retention_the_shorter_one_comes_first() {
        needs(Feature.TIME_TO_LIVE, Feature.RETENTION, Feature.DEAD_LETTER);
        define("dead");
        defineMail(queue -> queue.deadLetter(dead).retention(TEN.multipliedBy(2)).timeToLive(TEN));
        put(mail, "1");

        advance(TEN);

        awaitReady(dead, 1);
        assertThat(counts(mail).dead()).isEqualTo(1);
        assertThat(counts(mail).expired()).isZero();
    }

    @Test
    void time_to_live_and_back_off_what_waits_goes_when_it_is_due() {
        needs(Feature.TIME_TO_LIVE, Feature.BACK_OFF);
        defineMail(queue -> queue.backOff(new BackOff(TEN, 1, TEN)));
        put(mail, mortal(LEASE.plus(SECOND), "1"));
        takeFirst("1");
        advance(LEASE);
        awaitCounts(mail, counts -> counts.delayed() == 1);
        advance(TEN.minus(MILLISECOND));
        assertThat(counts(mail).delayed()).isEqualTo(1);

        advance(MILLISECOND);

        awaitCounts(mail, counts -> counts.expired() == 1);
        assertNothingToTake(mail);
    }

    @Test
    void time_to_live_and_pause_what_is_next_goes_all_the_same() {
        needs(Feature.TIME_TO_LIVE, Feature.PAUSE);
        defineMail(queue -> queue.paused(true));
        put(mail, mortal(TEN, "1"));

        advance(TEN);

        awaitCounts(mail, counts -> counts.expired() == 1);
    }

    @Test
    void time_to_live_and_move_a_moved_message_lives_as_long_as_its_new_queue_says() {
        needs(Feature.TIME_TO_LIVE, Feature.MOVE);
        define("mail");
        define(Definition.Queue.of(post).with().timeToLive(TEN.multipliedBy(2)).build());
        put(mail, mortal(TEN, "1"));
        advance(SECOND);
        commit(new Operation.Edit.Move(mail, post, 1));
        advance(TEN.multipliedBy(2).minus(MILLISECOND));
        assertThat(counts(post).ready()).isEqualTo(1);

        advance(MILLISECOND);

        awaitCounts(post, counts -> counts.expired() == 1);
    }

    @Test
    void time_to_live_and_capacity_what_went_makes_room() {
        needs(Feature.TIME_TO_LIVE, Feature.CAPACITY);
        defineMail(queue -> queue.capacity(limit(1, Overflow.REFUSE)));
        put(mail, mortal(TEN, "1"));
        refusal(Refusal.IsFull.class, putting(mail, "2"));

        advance(TEN);

        awaitCounts(mail, counts -> counts.expired() == 1);
        put(mail, "3");
    }

    // Capacities.

    @Test
    void capacity_and_settle_a_commit_that_settles_is_taken_whatever_is_there() {
        needs(Feature.CAPACITY, Feature.ATOMIC_COMMIT);
        for (Overflow overflow : List.of(Overflow.REFUSE, Overflow.DROP_HEAD)) {
            define(Definition.Queue.of(post).with().capacity(limit(1, overflow)).build());
            define("mail");
            put(post, "1");
            put(mail, "work");
            Lease lease = takeOne(mail);

            commit(putting(post, "2"), finishing(lease), putting(post, "3"));

            assertThat(counts(post).dead()).isZero();
            assertThat(counts(post).ready()).isEqualTo(3);
            if (overflow == Overflow.REFUSE) {
                refusal(Refusal.IsFull.class, putting(post, "4"));
            }
            assertReadyInOrder(post, "1", "2", "3");
        }
    }

    @Test
    void capacity_and_settle_what_overshot_makes_room_for_the_next() {
        needs(Feature.CAPACITY, Feature.ATOMIC_COMMIT);
        define(Definition.Queue.of(post).with().capacity(limit(1, Overflow.DROP_HEAD)).build());
        define("mail");
        put(mail, "work");
        commit(finishing(takeOne(mail)), putting(post, "1"), putting(post, "2"));
        assertThat(counts(post).ready()).isEqualTo(2);

        put(post, "3");

        assertThat(counts(post).dead()).isEqualTo(2);
        assertReadyInOrder(post, "3");
    }

    @Test
    void capacity_and_settle_a_stale_settle_is_refused_all_the_same() {
        needs(Feature.CAPACITY);
        defineMail(queue -> queue.capacity(limit(1, Overflow.REFUSE)));
        put(mail, "1");
        Lease lease = takeOne(mail);
        finish(lease);
        put(mail, "2");

        Receipt.Refused refused = refused(putting(mail, "3"), finishing(lease));

        assertThat(refused.operation()).isEqualTo(1);
        assertThat(refused.refusal()).isInstanceOf(Refusal.StaleFence.class);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void capacity_and_move_moved_messages_are_taken_whatever_is_there() {
        needs(Feature.CAPACITY, Feature.MOVE);
        define("mail");
        define(Definition.Queue.of(post).with().capacity(limit(1, Overflow.REFUSE)).build());
        put(post, "0");
        put(mail, "1", "2");

        assertThat(commit(new Operation.Edit.Move(mail, post, 10)).effects())
                .containsExactly(new Effect.Edited(2));

        refusal(Refusal.IsFull.class, putting(post, "3"));
        assertReadyInOrder(post, "0", "1", "2");
    }

    @Test
    void capacity_and_replay_what_is_put_again_is_taken_whatever_is_there() {
        needs(Feature.CAPACITY, Feature.REPLAY);
        defineMail(queue -> queue.keepSettled(TEN).capacity(limit(1, Overflow.REFUSE)));
        put(mail, "1");
        finish(takeOne(mail));
        put(mail, "2");

        commit(new Operation.Edit.Replay(mail, Instant.MIN, Instant.MAX, 0, 10));

        refusal(Refusal.IsFull.class, putting(mail, "3"));
        assertReadyInOrder(mail, "2", "1");
    }

    @Test
    void capacity_and_deduplication_a_duplicate_is_one_though_the_queue_is_full() {
        needs(Feature.CAPACITY, Feature.DEDUPLICATION);
        Deduplication by = deduplication(Deduplication.Scope.QUEUE);
        defineMail(queue -> queue.deduplication(by).capacity(limit(1, Overflow.DROP_HEAD)));
        Message message = of("1", m -> m.deduplication("k"));
        long first = put(mail, message);

        assertThat(commit(putting(mail, message)).effects())
                .containsExactly(new Effect.Duplicate(first));

        assertThat(counts(mail).dead()).isZero();
        put(mail, "2");
        assertThat(commit(putting(mail, message)).effects())
                .containsExactly(new Effect.Duplicate(first));
        assertReadyInOrder(mail, "2");
    }

    @Test
    void capacity_and_deduplication_what_did_not_fit_is_not_remembered() {
        needs(Feature.CAPACITY, Feature.DEDUPLICATION);
        Deduplication by = deduplication(Deduplication.Scope.QUEUE);
        defineMail(queue -> queue.deduplication(by).capacity(limit(1, Overflow.REFUSE)));
        put(mail, "0");
        Message message = of("1", m -> m.deduplication("k"));
        refusal(Refusal.IsFull.class, putting(mail, message));
        finish(takeOne(mail));

        put(mail, message);

        assertReadyInOrder(mail, "1");
    }

    @Test
    void capacity_and_deduplication_what_overflowed_into_the_dead_letters_is_remembered() {
        needs(Feature.CAPACITY, Feature.DEDUPLICATION, Feature.DEAD_LETTER);
        define("dead");
        Deduplication by = deduplication(Deduplication.Scope.QUEUE);
        Capacity one = limit(1, Overflow.DEAD_LETTER);
        defineMail(queue -> queue.deduplication(by).capacity(one).deadLetter(dead));
        put(mail, "0");
        Message message = of("1", m -> m.deduplication("k"));
        long first = put(mail, message);

        assertThat(commit(putting(mail, message)).effects())
                .containsExactly(new Effect.Duplicate(first));

        assertReadyInOrder(dead, "1");
    }

    @Test
    void capacity_and_dead_letters_what_made_room_dies_in_the_order_of_handing_out() {
        needs(Feature.CAPACITY, Feature.DEAD_LETTER, Feature.PRIORITY);
        define("dead");
        defineMail(queue -> queue.deadLetter(dead).capacity(limit(3, Overflow.DROP_HEAD)));
        put(mail, urgent(1, "1"));
        put(mail, urgent(0, "0"));
        put(mail, urgent(2, "2"));

        put(mail, "3", "4");

        List<Lease> leases = take(dead, 2);
        assertThat(leases)
                .allMatch(lease -> ((Via.DeadLettered) lease.via()).cause() == Via.Cause.OVERFLOW);
        assertThat(texts(leases)).containsExactly("0", "3");
        assertReadyInOrder(mail, "4", "1", "2");
    }

    // Dead letters, deduplication, moves and pauses.

    @Test
    void deduplication_and_move_a_moved_message_is_neither_compared_nor_remembered() {
        needs(Feature.DEDUPLICATION, Feature.MOVE);
        Deduplication by = deduplication(Deduplication.Scope.QUEUE);
        define("mail");
        define(Definition.Queue.of(post).with().deduplication(by).build());
        put(post, of("1", m -> m.deduplication("k")));
        put(mail, of("2", m -> m.deduplication("k")));
        put(mail, of("3", m -> m.deduplication("l")));

        commit(new Operation.Edit.Move(mail, post, 10));

        put(post, of("4", m -> m.deduplication("l")));
        assertReadyInOrder(post, "1", "2", "3", "4");
    }

    @Test
    void dead_letters_and_back_off_only_a_lease_that_ends_by_itself_waits() {
        needs(Feature.DEAD_LETTER, Feature.BACK_OFF);
        define("dead");
        defineMail(queue -> queue.deadLetter(dead).backOff(new BackOff(TEN, 2, TEN)));
        put(mail, "1");

        settle(takeOne(mail), Outcome.dead("bad"));

        assertReadyInOrder(dead, "1");
    }

    @Test
    void move_and_pause_a_paused_queue_can_be_emptied() {
        needs(Feature.MOVE, Feature.PAUSE);
        defineMail(queue -> queue.paused(true));
        define("post");
        put(mail, "1", "2");

        commit(new Operation.Edit.Move(mail, post, 10));

        assertThat(counts(mail).messages()).isZero();
        assertReadyInOrder(post, "1", "2");
    }

    @Test
    void capacity_and_pause_a_paused_queue_fills_up() {
        needs(Feature.CAPACITY, Feature.PAUSE);
        defineMail(queue -> queue.paused(true).capacity(limit(1, Overflow.REFUSE)));
        Pending<Taken> waiting = waitFor(mail, 10);
        put(mail, "1");
        refusal(Refusal.IsFull.class, putting(mail, "2"));

        define("mail");

        assertThat(texts(leased(waiting))).containsExactly("1");
    }
}
