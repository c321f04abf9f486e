package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.Capacity.Overflow;
import io.millstream.api.Deduplication;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Taken;

import org.junit.jupiter.api.Test;

import java.util.List;

/// What groups do together with other features: whatever ends or delays a message, its group goes
/// on in order or waits, and no other group does.
public abstract class GroupCombinationContract extends CombinationFixture {

    // Groups.

    @Test
    void group_and_delay_a_head_that_waits_holds_its_group_up_and_no_other() {
        needs(Feature.GROUPS, Feature.DELAY);
        for (Groups groups : List.of(Groups.ORDERED, Groups.ORDERED_SINGLY)) {
            defineMail(queue -> queue.groups(groups));
            put(mail, of("a1", m -> m.group("a").delay(TEN)));
            put(mail, grouped("a", "a2"));
            put(mail, grouped("b", "b1"));

            assertTakes("b1");
            advance(TEN.minus(MILLISECOND));
            assertNothingToTake(mail);
            advance(MILLISECOND);
            awaitCounts(mail, counts -> counts.delayed() == 0);
            assertThat(takeOne(mail).message().text()).isEqualTo("a1");
            commit(removing(mail));
        }
    }

    @Test
    void group_and_delay_a_take_of_several_ends_before_the_one_that_waits() {
        needs(Feature.GROUPS, Feature.DELAY);
        defineMail(queue -> queue.groups(Groups.ORDERED));
        put(mail, grouped("a", "a1"));
        put(mail, of("a2", m -> m.group("a").delay(TEN)));
        put(mail, grouped("a", "a3"));

        List<Lease> first = takeNow(mail, 10);

        assertThat(texts(first)).containsExactly("a1");
        settle(first.getFirst(), Outcome.done());
        assertNothingToTake(mail);
        advance(TEN);
        awaitCounts(mail, counts -> counts.delayed() == 0);
        assertTakes("a2", "a3");
    }

    @Test
    void group_and_delay_is_taken_where_groups_are_not_ordered() {
        needs(Feature.GROUPS, Feature.DELAY);
        for (Groups groups : List.of(Groups.IGNORED, Groups.FAIR)) {
            defineMail(queue -> queue.groups(groups));
            put(mail, of("late", m -> m.group("a").delay(TEN)));
            put(mail, grouped("a", "early"));
            assertTakes("early");
            advance(TEN);
            assertThat(takeOne(mail).message().text()).isEqualTo("late");
            commit(removing(mail));
        }
    }

    @Test
    void group_and_delay_one_that_waits_when_groups_become_ordered_holds_its_group_up() {
        needs(Feature.GROUPS, Feature.DELAY);
        defineMail(queue -> queue.groups(Groups.FAIR));
        put(mail, of("a1", m -> m.group("a").delay(TEN)));
        put(mail, grouped("a", "a2"));

        define("mail");

        assertNothingToTake(mail);
        advance(TEN);
        awaitCounts(mail, counts -> counts.delayed() == 0);
        assertTakes("a1", "a2");
    }

    @Test
    void group_and_back_off_the_head_waits_and_nobody_overtakes_it() {
        needs(Feature.GROUPS, Feature.BACK_OFF);
        defineMail(queue -> queue.backOff(new BackOff(TEN, 1, TEN)));
        put(mail, grouped("a", "a1"));
        put(mail, grouped("a", "a2"));
        put(mail, grouped("b", "b1"));
        takeFirst("a1");
        advance(LEASE);
        awaitCounts(mail, counts -> counts.delayed() == 1);

        assertTakes("b1");
        advance(TEN.minus(MILLISECOND));
        assertNothingToTake(mail);
        advance(MILLISECOND);
        awaitCounts(mail, counts -> counts.delayed() == 0);
        assertTakes("a1", "a2");
    }

    @Test
    void group_and_attempts_a_head_that_dies_lets_its_group_go_on() {
        needs(Feature.GROUPS, Feature.DEAD_LETTER);
        define("dead");
        defineMail(queue -> queue.deadLetter(dead).maxAttempts(1));
        put(mail, grouped("a", "a1"));
        put(mail, grouped("a", "a2"));
        takeFirst("a1");
        Pending<Taken> waiting = waitFor(mail, 10);

        advance(LEASE);

        assertThat(texts(leased(waiting))).containsExactly("a2");
        assertReadyInOrder(dead, "a1");
    }

    @Test
    void group_and_dead_letters_a_dead_group_is_worked_in_order() {
        needs(Feature.GROUPS, Feature.DEAD_LETTER);
        define("dead");
        defineMail(queue -> queue.deadLetter(dead));
        put(mail, grouped("a", "a1"));
        put(mail, grouped("a", "a2"));
        for (Lease lease : takeNow(mail, 10)) settle(lease, Outcome.dead("bad"));

        List<Lease> first = takeNow(dead, 1);

        assertThat(texts(first)).containsExactly("a1");
        assertNothingToTake(dead);
        finish(first.getFirst());
        assertReadyInOrder(dead, "a2");
    }

    @Test
    void group_and_time_to_live_what_is_locked_goes_when_the_lock_does() {
        needs(Feature.GROUPS, Feature.TIME_TO_LIVE);
        define("mail");
        put(mail, grouped("a", "a1"));
        put(mail, of("a2", m -> m.group("a").timeToLive(TEN)));
        put(mail, grouped("a", "a3"));
        Lease head = takeFirst("a1");
        advance(TEN.plus(SECOND));
        assertThat(counts(mail).ready()).isEqualTo(2);
        assertThat(counts(mail).expired()).isZero();

        finish(head);

        awaitCounts(mail, counts -> counts.expired() == 1);
        assertTakes("a3");
    }

    @Test
    void group_and_time_to_live_a_head_that_goes_lets_its_group_go_on() {
        needs(Feature.GROUPS, Feature.TIME_TO_LIVE);
        define("mail");
        put(mail, of("a1", m -> m.group("a").timeToLive(TEN)));
        put(mail, grouped("a", "a2"));

        advance(TEN);

        awaitCounts(mail, counts -> counts.expired() == 1);
        assertTakes("a2");
    }

    @Test
    void group_and_retention_the_old_go_wherever_they_stand() {
        needs(Feature.GROUPS, Feature.RETENTION);
        defineMail(queue -> queue.retention(TEN));
        put(mail, grouped("a", "a1"));
        put(mail, grouped("a", "a2"));
        Lease head = takeFirst("a1");
        advance(SECOND);
        put(mail, grouped("a", "a3"));

        advance(TEN.minus(SECOND));

        awaitCounts(mail, counts -> counts.expired() == 1);
        assertNothingToTake(mail);
        finish(head);
        assertTakes("a3");
    }

    @Test
    void group_and_retention_a_lease_that_ends_too_late_lets_its_group_go_on() {
        needs(Feature.GROUPS, Feature.RETENTION);
        defineMail(queue -> queue.retention(LEASE));
        put(mail, grouped("a", "a1"));
        advance(SECOND);
        put(mail, grouped("a", "a2"));
        takeFirst("a1");
        advance(LEASE.minus(SECOND));
        assertNothingToTake(mail);
        put(mail, grouped("a", "a3"));

        advance(SECOND);

        awaitCounts(mail, counts -> counts.expired() == 2);
        assertTakes("a3");
    }

    @Test
    void group_and_time_to_live_a_lease_that_ends_too_late_lets_its_group_go_on() {
        needs(Feature.GROUPS, Feature.TIME_TO_LIVE);
        define("mail");
        put(mail, of("a1", m -> m.group("a").timeToLive(TEN)));
        put(mail, grouped("a", "a2"));
        takeFirst("a1");
        advance(LEASE.minus(MILLISECOND));
        assertNothingToTake(mail);

        advance(MILLISECOND);

        awaitCounts(mail, counts -> counts.expired() == 1);
        assertTakes("a2");
    }

    @Test
    void group_and_capacity_what_is_locked_makes_room_after_what_is_free() {
        needs(Feature.GROUPS, Feature.CAPACITY);
        defineMail(queue -> queue.capacity(limit(2, Overflow.DROP_HEAD)));
        put(mail, grouped("a", "a1"));
        put(mail, grouped("a", "a2"));
        Lease head = takeFirst("a1");
        put(mail, "free");

        put(mail, grouped("b", "b1"));
        assertThat(counts(mail).dead()).isEqualTo(1);
        put(mail, grouped("c", "c1"));
        assertThat(counts(mail).dead()).isEqualTo(2);

        assertTakes("c1");
        put(mail, grouped("a", "a3"));
        finish(head);
        assertTakes("a2", "a3");
    }

    @Test
    void group_and_capacity_when_only_locked_ones_are_left_they_make_room() {
        needs(Feature.GROUPS, Feature.CAPACITY);
        defineMail(queue -> queue.capacity(limit(2, Overflow.DROP_HEAD)));
        put(mail, grouped("a", "a1"));
        Lease head = takeFirst("a1");
        put(mail, grouped("a", "a2"));
        put(mail, grouped("a", "a3"));

        put(mail, grouped("a", "a4"));

        finish(head);
        assertTakes("a3", "a4");
    }

    @Test
    void group_and_capacity_what_is_behind_its_group_makes_room_when_that_is_gone() {
        needs(Feature.GROUPS, Feature.CAPACITY);
        for (Groups groups : List.of(Groups.ORDERED, Groups.ORDERED_SINGLY)) {
            defineMail(queue -> queue.groups(groups));
            put(mail, grouped("a", "a1"));
            put(mail, grouped("a", "a2"));
            put(mail, "free");
            defineMail(queue -> queue.groups(groups).capacity(limit(2, Overflow.DROP_HEAD)));

            put(mail, "last");

            assertReadyInOrder(mail, "free", "last");
        }
    }

    @Test
    void group_and_capacity_what_a_commit_puts_stands_behind_its_group() {
        needs(Feature.GROUPS, Feature.CAPACITY, Feature.PRIORITY);
        for (Groups groups : List.of(Groups.ORDERED, Groups.ORDERED_SINGLY)) {
            defineMail(queue -> queue.groups(groups).capacity(limit(3, Overflow.DROP_HEAD)));
            put(mail, of("a1", m -> m.group("a").priority(1)));
            put(mail, of("free", m -> m.priority(1)));

            commit(
                    putting(mail, of("a2", m -> m.group("a").priority(0))),
                    putting(mail, of("last", m -> m.priority(2))));

            assertReadyInOrder(mail, "a2", "free", "last");
        }
    }

    @Test
    void group_and_capacity_what_a_commit_puts_into_a_locked_group_makes_room_last() {
        needs(Feature.GROUPS, Feature.CAPACITY);
        defineMail(queue -> queue.capacity(limit(2, Overflow.DROP_HEAD)));
        put(mail, grouped("a", "a1"));
        Lease head = takeFirst("a1");
        put(mail, "free");

        commit(putting(mail, grouped("a", "a2")), putting(mail, grouped("b", "b1")));

        assertTakes("b1");
        finish(head);
        assertTakes("a2");
    }

    @Test
    void group_and_move_what_its_group_holds_up_stays() {
        needs(Feature.GROUPS, Feature.MOVE);
        define("mail");
        define("post");
        put(mail, grouped("a", "a1"));
        put(mail, grouped("a", "a2"));
        put(mail, grouped("b", "b1"));
        put(mail, grouped("b", "b2"));
        Lease head = takeFirst("a1");

        Receipt.Committed receipt = commit(new Operation.Edit.Move(mail, post, 10));

        assertThat(receipt.effects()).containsExactly(new Effect.Edited(2));
        finish(head);
        assertTakes("a2");
        List<Lease> moved = takeNow(post, 1);
        assertThat(texts(moved)).containsExactly("b1");
        assertNothingToTake(post);
        finish(moved.getFirst());
        assertReadyInOrder(post, "b2");
    }

    @Test
    void group_and_call_off_a_dropped_head_lets_its_group_go_on() {
        needs(Feature.GROUPS, Feature.DELAY, Feature.RETRY_AFTER, Feature.PURGE);
        define("mail");
        long first = put(mail, grouped("a", "a1"));
        long second = put(mail, grouped("a", "a2"));
        put(mail, grouped("a", "a3"));
        settle(takeFirst("a1"), Outcome.retry(TEN));
        assertNothingToTake(mail);

        commit(new Operation.Edit.Drop(mail, first), new Operation.Edit.Drop(mail, second));

        assertTakes("a3");
    }

    @Test
    void group_and_deduplication_a_duplicate_of_a_leased_one_is_one() {
        needs(Feature.GROUPS, Feature.DEDUPLICATION);
        defineMail(queue -> queue.deduplication(deduplication(Deduplication.Scope.GROUP)));
        Message message = of("a1", m -> m.group("a").deduplication("k"));
        long first = put(mail, message);
        Lease head = takeFirst("a1");

        assertThat(commit(putting(mail, message)).effects())
                .containsExactly(new Effect.Duplicate(first));

        finish(head);
        assertNothingToTake(mail);
    }

    @Test
    void group_and_pause_what_was_leased_before_still_locks_its_group() {
        needs(Feature.GROUPS, Feature.PAUSE);
        define("mail");
        put(mail, grouped("a", "a1"));
        put(mail, grouped("a", "a2"));
        Lease head = takeFirst("a1");
        defineMail(queue -> queue.paused(true));
        defineMail(queue -> queue.paused(false));

        assertNothingToTake(mail);
        finish(head);
        assertTakes("a2");
    }

    @Test
    void group_and_session_a_closed_session_returns_a_group_in_order() {
        needs(Feature.GROUPS, Feature.PRIORITY);
        define("mail");
        for (int i = 1; i <= 3; i++) {
            String text = "a" + i;
            int priority = 3 - i;
            put(mail, of(text, m -> m.group("a").priority(priority)));
        }
        Session leaving = newSession("leaving");
        take(leaving, mail, 2, WHILE_OPEN);

        leaving.close();

        awaitReady(mail, 3);
        assertTakes("a1", "a2", "a3");
    }

    // Fairness.

    @Test
    void fairness_and_delay_what_is_due_has_its_share() {
        needs(Feature.GROUPS, Feature.DELAY);
        defineMail(queue -> queue.groups(Groups.FAIR));
        put(mail, of("b1", m -> m.group("b").delay(TEN)));
        for (int i = 1; i <= 5; i++) put(mail, grouped("a", "a" + i));
        finish(takeNow(mail, 2).toArray(Lease[]::new));
        advance(TEN);
        awaitReady(mail, 4);

        takeFirst("b1");
        takeFirst("a3");
    }

    @Test
    void fairness_and_capacity_a_full_queue_refuses_all_groups() {
        needs(Feature.GROUPS, Feature.CAPACITY);
        defineMail(queue -> queue.groups(Groups.FAIR).capacity(limit(2, Overflow.REFUSE)));
        put(mail, grouped("a", "a1"));
        put(mail, grouped("a", "a2"));

        refusal(Refusal.IsFull.class, putting(mail, grouped("b", "b1")));

        assertTakes("a1", "a2");
        put(mail, grouped("b", "b1"));
    }
}
