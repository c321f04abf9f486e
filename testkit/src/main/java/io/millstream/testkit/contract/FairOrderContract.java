package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Session;
import io.millstream.api.Subscribe;
import io.millstream.api.Taken;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/// Groups share a queue fairly, and the messages of each are worked in order, one by one.
public abstract class FairOrderContract extends FairnessFixture {

    @BeforeEach
    void define_a_fair_queue_with_order() {
        needs(Feature.GROUPS);
        shareMail(Groups.FAIR_ORDERED, Map.of());
    }

    // Sharing.

    @Test
    void what_one_group_queues_does_not_delay_the_others() {
        putMany("a", 1, 100);
        putMany("b", 1, 2);
        putMany("c", 1, 1);

        assertThat(takeOneByOne(7)).containsExactly("a1", "b1", "c1", "a2", "b2", "a3", "a4");
    }

    @Test
    void a_group_that_was_served_stands_behind_those_that_were_not() {
        putMany("a", 1, 3);
        Lease first = takeFirst("a1");
        putMany("b", 1, 1);
        putMany("c", 1, 1);

        finish(first);

        assertThat(takeOneByOne(4)).containsExactly("b1", "c1", "a2", "a3");
    }

    @Test
    void a_group_is_owed_nothing_for_the_time_when_it_had_nothing() {
        putMany("a", 1, 30);
        takeOneByOne(20);
        putMany("b", 1, 10);

        List<String> next = takeOneByOne(10);

        assertThat(next.getFirst()).isEqualTo("b1");
        assertThat(countOf(next, "b")).isEqualTo(5);
    }

    @Test
    void a_group_is_owed_nothing_for_the_time_when_its_head_was_being_worked_on() {
        putMany("a", 1, 20);
        putMany("b", 1, 40);
        Lease slow = takeFirst("a1");
        takeOneByOne(20);

        finish(slow);

        assertThat(countOf(takeOneByOne(10), "a")).isBetween(4L, 6L);
    }

    @Test
    void those_without_a_group_are_one_more_group_and_hold_each_other_up_in_nothing() {
        putMany("-", 1, 4);
        putMany("a", 1, 2);

        List<Lease> leases = takeNow(mail, 10);

        assertThat(texts(leases)).containsExactly("-1", "a1", "-2", "-3", "-4");
        retry(leases.get(2), leases.getFirst());
        assertTakes("-1", "-2");
    }

    @Test
    void those_without_a_group_get_the_share_of_one_group() {
        putMany("-", 1, 6);
        putMany("a", 1, 3);

        assertThat(takeOneByOne(9))
                .containsExactly("-1", "a1", "-2", "a2", "-3", "a3", "-4", "-5", "-6");
    }

    // Order.

    @Test
    void one_message_of_a_group_is_leased_at_a_time() {
        putMany("a", 1, 3);
        putMany("b", 1, 2);

        List<Lease> leases = takeNow(mail, 10);

        assertThat(texts(leases)).containsExactly("a1", "b1");
        assertNothingToTake(mail);
        finish(leases.get(1));
        assertTakes("b2");
        finish(leases.get(0));
        assertTakes("a2");
    }

    @Test
    void a_message_that_is_given_back_is_the_next_one_of_its_group() {
        putMany("a", 1, 3);
        putMany("b", 1, 2);

        retry(takeFirst("a1"));

        List<String> order = takeOneByOne(5);
        assertThat(order)
                .filteredOn(text -> text.startsWith("a"))
                .containsExactly("a1", "a2", "a3");
        assertThat(order.getFirst()).isEqualTo("b1");
    }

    @Test
    void a_lease_that_ends_by_itself_leaves_its_group_to_the_same_message() {
        putMany("a", 1, 2);
        takeFirst("a1");
        Pending<Taken> waiting = waitFor(mail, 10);

        advance(LEASE);

        List<Lease> again = leased(waiting);
        assertThat(texts(again)).containsExactly("a1");
        assertThat(again.getFirst().deliveries()).isEqualTo(2);
    }

    @Test
    void a_session_that_ends_leaves_its_groups_to_the_same_messages() {
        putMany("a", 1, 2);
        putMany("b", 1, 2);
        Session holder = newSession("holder");
        take(holder, mail, 2, WHILE_OPEN);

        holder.close();

        awaitReady(mail, 4);
        assertThat(texts(takeNow(mail, 10))).containsExactlyInAnyOrder("a1", "b1");
    }

    @Test
    void a_head_that_waits_to_be_tried_again_holds_up_its_group_and_no_other() {
        needs(Feature.RETRY_AFTER);
        putMany("a", 1, 2);
        putMany("b", 1, 2);

        settle(takeFirst("a1"), Outcome.retry(TEN));

        assertThat(takeOneByOne(2)).containsExactly("b1", "b2");
        pass(TEN.minus(MILLISECOND));
        assertNothingToTake(mail);
        advance(MILLISECOND);
        awaitReady(mail, 2);
        assertThat(takeOneByOne(2)).containsExactly("a1", "a2");
    }

    @Test
    void a_head_that_waits_after_its_lease_has_ended_holds_up_its_group_and_no_other() {
        needs(Feature.BACK_OFF);
        defineMail(queue -> queue.groups(Groups.FAIR_ORDERED).backOff(new BackOff(TEN, 1, TEN)));
        putMany("a", 1, 2);
        takeFirst("a1");
        advance(LEASE);
        awaitCounts(mail, counts -> counts.delayed() == 1);
        putMany("b", 1, 1);

        assertTakes("b1");
        Pending<Taken> waiting = waitFor(mail, 10);
        advance(TEN);

        assertThat(texts(leased(waiting))).containsExactly("a1");
    }

    @Test
    void a_message_that_is_due_later_holds_up_those_behind_it_in_its_group() {
        needs(Feature.DELAY);
        put(mail, of("a1", m -> m.group("a").delay(TEN)));
        putMany("a", 2, 1);
        putMany("b", 1, 1);
        assertTakes("b1");
        Pending<Taken> waiting = waitFor(mail, 10);

        advance(TEN);

        finish(leased(waiting).getFirst());
        assertTakes("a2");
    }

    @Test
    void a_head_that_dies_lets_its_group_go_on() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        defineMail(queue -> queue.groups(Groups.FAIR_ORDERED).deadLetter(dead).maxAttempts(1));
        putMany("a", 1, 3);
        settle(takeFirst("a1"), Outcome.dead("bad"));
        takeFirst("a2");
        Pending<Taken> waiting = waitFor(mail, 10);

        advance(LEASE);

        assertThat(texts(leased(waiting))).containsExactly("a3");
        assertReadyInOrder(dead, "a1", "a2");
    }

    @Test
    void a_head_that_is_too_old_lets_its_group_go_on() {
        needs(Feature.TIME_TO_LIVE);
        put(mail, of("a1", m -> m.group("a").timeToLive(TEN)));
        putMany("a", 2, 1);

        advance(TEN);

        awaitCounts(mail, counts -> counts.expired() == 1);
        assertTakes("a2");
    }

    // Together with other features.

    @Test
    void priority_chooses_among_the_heads_and_not_inside_a_group() {
        needs(Feature.PRIORITY);
        put(mail, of("a1", m -> m.group("a").priority(2)));
        put(mail, of("a2", m -> m.group("a").priority(0)));
        put(mail, of("b1", m -> m.group("b").priority(1)));
        put(mail, of("b2", m -> m.group("b").priority(3)));

        assertThat(takeOneByOne(4)).containsExactly("b1", "a1", "a2", "b2");
    }

    @Test
    void consumers_get_one_of_a_group_at_a_time_and_share_fairly() {
        needs(Feature.CONSUME);
        putMany("a", 1, 10);
        putMany("b", 1, 2);
        Consumer consumer = new Consumer();
        session()
                .consume(
                        Subscribe.of(mail, WHILE_OPEN, session().credit(10, Long.MAX_VALUE)),
                        consumer);
        eventually(() -> consumer.leases().size() == 2);
        assertThat(consumer.texts()).containsExactly("a1", "b1");

        finish(consumer.leases().get(0));
        eventually(() -> consumer.leases().size() == 3);
        finish(consumer.leases().get(1));
        eventually(() -> consumer.leases().size() == 4);

        assertThat(consumer.texts()).containsExactly("a1", "b1", "a2", "b2");
        assertThat(counts(mail).leased()).isEqualTo(2);
    }

    @Test
    void messages_are_moved_in_the_order_in_which_they_would_be_handed_out() {
        needs(Feature.MOVE);
        define("post");
        putMany("a", 1, 3);
        putMany("b", 1, 2);

        commit(new Operation.Edit.Move(mail, post, 4));

        assertReadyInOrder(post, "a1", "b1", "a2", "b2");
        assertTakes("a3");
    }

    // What changes.

    @Test
    void a_queue_becomes_fair_and_ordered_for_what_is_in_it() {
        for (Groups before : List.of(Groups.ORDERED, Groups.ORDERED_SINGLY, Groups.FAIR)) {
            shareMail(before, Map.of());
            putMany("a", 1, 3);
            putMany("b", 1, 2);
            Lease first = takeFirst("a1");

            shareMail(Groups.FAIR_ORDERED, Map.of());

            Lease other = takeFirst("b1");
            assertNothingToTake(mail);
            finish(first, other);
            assertThat(takeOneByOne(3)).contains("a2", "a3", "b2").containsSubsequence("a2", "a3");
            commit(removing(mail));
        }
    }

    @Test
    void a_queue_ceases_to_be_fair_and_ordered_for_what_is_in_it() {
        putMany("a", 1, 3);
        putMany("b", 1, 1);
        takeFirst("a1");

        shareMail(Groups.FAIR, Map.of());

        assertThat(texts(takeNow(mail, 10))).containsExactlyInAnyOrder("a2", "a3", "b1");
    }

    @Test
    void after_a_restart_groups_are_locked_by_the_leases_that_are_still_there() {
        putMany("a", 1, 2);
        putMany("b", 1, 2);
        putMany("c", 1, 2);
        Lease timed = takeFirst("a1");
        takeOne(session(), mail, WHILE_OPEN);
        restart();
        awaitReady(mail, 5);

        List<Lease> leases = takeNow(mail, 10);

        assertThat(texts(leases)).containsExactlyInAnyOrder("b1", "c1");
        finish(timed);
        assertTakes("a2");
    }
}
