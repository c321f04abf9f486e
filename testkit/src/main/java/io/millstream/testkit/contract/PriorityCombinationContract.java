package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Capacity.Overflow;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;

import org.junit.jupiter.api.Test;

import java.time.Duration;

/// What priority does together with other features: it chooses among heads and ungrouped messages,
/// never inside a group, and each priority is a lane of its own.
public abstract class PriorityCombinationContract extends CombinationFixture {

    @Test
    void priority_and_group_the_head_competes_for_its_group_and_never_inside_it() {
        needs(Feature.PRIORITY, Feature.GROUPS);
        define("mail");
        put(mail, of("a1", m -> m.group("a").priority(5)));
        put(mail, of("a2", m -> m.group("a").priority(0)));
        put(mail, of("b1", m -> m.group("b").priority(4)));
        put(mail, urgent(3, "-3"));
        put(mail, urgent(6, "-6"));

        Lease first = takeFirst("-3");
        Lease second = takeFirst("b1");
        Lease head = takeFirst("a1");
        takeFirst("-6");
        assertNothingToTake(mail);
        finish(first, second, head);
        takeFirst("a2");
    }

    @Test
    void priority_and_group_one_take_gets_each_at_its_own_place() {
        needs(Feature.PRIORITY, Feature.GROUPS);
        define("mail");
        put(mail, of("a1", m -> m.group("a").priority(1)));
        put(mail, of("a2", m -> m.group("a").priority(3)));
        put(mail, of("a3", m -> m.group("a").priority(0)));
        put(mail, urgent(2, "-2"));
        put(mail, urgent(1, "-1"));

        assertTakes("a1", "-1", "-2", "a2", "a3");
    }

    @Test
    void priority_and_group_a_locked_groups_best_does_not_slip_through() {
        needs(Feature.PRIORITY, Feature.GROUPS);
        define("mail");
        put(mail, of("a1", m -> m.group("a").priority(9)));
        Lease head = takeFirst("a1");
        put(mail, of("a2", m -> m.group("a").priority(0)));
        put(mail, urgent(8, "-8"));

        takeFirst("-8");

        assertNothingToTake(mail);
        retry(head);
        assertTakes("a1", "a2");
    }

    @Test
    void ageing_and_group_the_group_is_as_old_as_its_head() {
        needs(Feature.PRIORITY, Feature.GROUPS);
        defineMail(queue -> queue.ageing(SECOND));
        put(mail, of("a1", m -> m.group("a").priority(3)));
        advance(Duration.ofSeconds(4));
        put(mail, of("a2", m -> m.group("a").priority(0)));
        put(mail, urgent(0, "-0"));

        takeFirst("a1");
        takeFirst("-0");
        assertNothingToTake(mail);
    }

    @Test
    void priority_and_delay_what_is_due_joins_its_priority() {
        needs(Feature.PRIORITY, Feature.DELAY);
        define("mail");
        put(mail, of("0 late", m -> m.priority(0).delay(TEN)));
        put(mail, of("1 late", m -> m.priority(1).delay(TEN)));
        put(mail, urgent(1, "1 early"));
        takeFirst("1 early");
        put(mail, urgent(1, "1 early too"));
        advance(TEN);
        awaitReady(mail, 3);
        put(mail, urgent(0, "0 early"));

        assertReadyInOrder(mail, "0 late", "0 early", "1 early too", "1 late");
    }

    @Test
    void ageing_and_delay_a_message_ages_from_when_it_is_due() {
        needs(Feature.PRIORITY, Feature.DELAY);
        defineMail(queue -> queue.ageing(SECOND));
        put(mail, of("late", m -> m.priority(2).delay(TEN)));
        advance(TEN);
        awaitReady(mail, 1);
        put(mail, urgent(1, "young"));

        assertReadyInOrder(mail, "young", "late");
    }

    @Test
    void priority_and_time_to_live_each_lane_has_its_head() {
        needs(Feature.PRIORITY, Feature.TIME_TO_LIVE);
        define("mail");
        put(mail, urgent(0, "0"));
        put(mail, of("1 overdue", m -> m.priority(1).timeToLive(TEN)));
        put(mail, urgent(2, "2"));
        put(mail, of("2 overdue", m -> m.priority(2).timeToLive(TEN)));

        advance(TEN);

        awaitCounts(mail, counts -> counts.expired() == 1);
        assertThat(counts(mail).ready()).isEqualTo(3);
        takeFirst("0");
        takeFirst("2");
        awaitCounts(mail, counts -> counts.expired() == 2);
        assertNothingToTake(mail);
    }

    @Test
    void priority_and_capacity_what_is_next_makes_room_and_that_is_the_best() {
        needs(Feature.PRIORITY, Feature.CAPACITY);
        defineMail(queue -> queue.capacity(limit(2, Overflow.DROP_HEAD)));
        put(mail, urgent(5, "5"));
        put(mail, urgent(1, "1"));

        put(mail, urgent(9, "9"));

        assertReadyInOrder(mail, "5", "9");
    }

    @Test
    void priority_and_fairness_groups_share_in_each_priority() {
        needs(Feature.PRIORITY, Feature.GROUPS);
        defineMail(queue -> queue.groups(Groups.FAIR));
        for (int i = 1; i <= 3; i++) {
            String text = "a" + i;
            put(mail, of(text, m -> m.group("a").priority(1)));
        }
        put(mail, of("b1", m -> m.group("b").priority(1)));
        put(mail, of("c1", m -> m.group("c").priority(2)));
        put(mail, of("b0", m -> m.group("b").priority(0)));

        assertTakes("b0", "a1", "b1", "a2", "a3", "c1");
    }

    @Test
    void priority_and_dead_letters_a_dead_letter_keeps_its_priority() {
        needs(Feature.PRIORITY, Feature.DEAD_LETTER);
        define("dead");
        defineMail(queue -> queue.deadLetter(dead));
        put(mail, urgent(1, "worse"));
        settle(takeFirst("worse"), Outcome.dead("bad"));
        put(mail, urgent(0, "better"));
        settle(takeFirst("better"), Outcome.dead("bad"));

        assertReadyInOrder(dead, "better", "worse");
    }

    @Test
    void priority_and_move_the_order_is_that_of_handing_out_at_both_ends() {
        needs(Feature.PRIORITY, Feature.MOVE);
        define("mail");
        define("post");
        put(mail, urgent(2, "2"));
        put(mail, urgent(0, "0"));
        put(mail, urgent(1, "1"));
        put(post, urgent(1, "1 before"));

        commit(new Operation.Edit.Move(mail, post, 2));

        assertReadyInOrder(mail, "2");
        assertReadyInOrder(post, "0", "1 before", "1");
    }
}
