package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Subscribe;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;

/// What a group means is the queue's to say, of whatever is in it; consumers keep to it like takes,
/// and it is the same after a restart.
public abstract class GroupMeaningContract extends GroupFixture {

    // Consumers.

    @Test
    void a_consumer_gets_a_group_in_order_and_no_other_consumer_gets_of_it_meanwhile() {
        needs(Feature.CONSUME);
        Consumer one = new Consumer();
        Consumer other = new Consumer();
        for (Consumer consumer : List.of(one, other)) {
            session()
                    .consume(
                            Subscribe.of(mail, WHILE_OPEN, session().credit(1, Long.MAX_VALUE)),
                            consumer);
        }
        putAll("a1", "a2", "b1", "b2");
        eventually(() -> one.leases().size() == 1 && other.leases().size() == 1);
        assertThat(List.of(one.texts().getFirst(), other.texts().getFirst()))
                .containsExactlyInAnyOrder("a1", "b1");
        Consumer ofA = one.texts().contains("a1") ? one : other;

        finish(ofA.leases().getFirst());

        eventually(() -> ofA.leases().size() == 2);
        assertThat(ofA.texts()).containsExactly("a1", "a2");
        assertThat(counts(mail).leased()).isEqualTo(2);
    }

    @Test
    void a_consumer_with_credit_left_gets_nothing_of_a_group_that_another_has() {
        needs(Feature.CONSUME);
        putAll("a1", "a2", "a3");
        Lease first = takeFirst("a1");
        Consumer consumer = new Consumer();
        session()
                .consume(
                        Subscribe.of(mail, WHILE_OPEN, session().credit(10, Long.MAX_VALUE)),
                        consumer);
        putAll("b1");
        eventually(() -> consumer.leases().size() == 1);
        assertThat(consumer.texts()).containsExactly("b1");

        finish(first);

        eventually(() -> !consumer.texts().equals(List.of("b1")));
        Lease second = consumer.leases().get(1);
        assertThat(second.message().text()).isEqualTo("a2");
        finish(second);
        eventually(() -> consumer.texts().equals(List.of("b1", "a2", "a3")));
    }

    // What a group means.

    @Test
    void ignored_groups_hold_nobody_up() {
        define(Groups.IGNORED);
        putAll("a1", "a2", "a3");
        Lease first = takeFirst("a1");
        takeFirst("a2");

        retry(first);

        assertTakes(10, "a1", "a3");
        assertThat(first.message().group()).isEqualTo("a");
    }

    @Test
    void what_was_put_while_groups_were_ignored_is_of_its_group_when_they_are_not() {
        define(Groups.IGNORED);
        putAll("a1", "a2");
        define(Groups.ORDERED_SINGLY);
        putAll("a3", "b1");

        Lease first = takeFirst("a1");
        takeFirst("b1");
        assertNothingToTake(mail);
        finish(first);

        takeFirst("a2");
        assertNothingToTake(mail);
    }

    @Test
    void a_message_keeps_its_group_on_its_way_through_queues_that_ignore_it() {
        needs(Feature.MOVE, Feature.DEAD_LETTER);
        define(Definition.Queue.of(dead).with().groups(Groups.IGNORED).build());
        defineMail(queue -> queue.groups(Groups.ORDERED_SINGLY).deadLetter(dead));
        putAll("a1", "a2");
        settle(takeFirst("a1"), Outcome.dead("bad"));
        settle(takeFirst("a2"), Outcome.dead("bad"));
        put(dead, grouped("a", "a3"));

        commit(new Operation.Edit.Move(dead, null, 10));
        commit(new Operation.Edit.Move(dead, mail, 10));
        restart();

        Lease first = takeFirst("a1");
        assertNothingToTake(mail);
        finish(first);
        finish(takeFirst("a2"));
        takeFirst("a3");
    }

    @Test
    void what_was_done_while_groups_were_ignored_is_put_again_in_its_group() {
        needs(Feature.REPLAY);
        defineMail(queue -> queue.groups(Groups.IGNORED).keepSettled(TEN));
        putAll("a1", "a2");
        finish(takeFirst("a1"), takeFirst("a2"));
        defineMail(queue -> queue.groups(Groups.ORDERED_SINGLY).keepSettled(TEN));

        commit(new Operation.Edit.Replay(mail, Instant.EPOCH, Instant.MAX, 0, 10));

        takeFirst("a1");
        assertNothingToTake(mail);
    }

    @Test
    void groups_that_become_ignored_hold_nobody_up() {
        putAll("a1", "a2", "a3");
        takeFirst("a1");

        define(Groups.IGNORED);

        Lease second = takeFirst("a2");
        define(Groups.ORDERED);
        assertNothingToTake(mail);
        finish(second);
        assertNothingToTake(mail);
    }

    @Test
    void groups_that_become_ordered_wait_for_all_that_is_leased_of_them() {
        define(Groups.FAIR);
        putAll("a1", "a2", "a3");
        Lease first = takeFirst("a1");
        Lease second = takeFirst("a2");

        define(Groups.ORDERED);

        assertNothingToTake(mail);
        finish(first);
        assertNothingToTake(mail);
        retry(second);
        assertTakes(10, "a2", "a3");
    }

    @Test
    void how_many_of_a_group_a_take_gets_changes_with_the_definition() {
        putAll("a1", "a2", "a3");
        define(Groups.ORDERED_SINGLY);
        finish(takeNow(mail, 10).toArray(Lease[]::new));
        assertThat(counts(mail).ready()).isEqualTo(2);

        define(Groups.ORDERED);

        assertTakes(10, "a2", "a3");
    }

    // Restarts.

    @Test
    void a_group_is_still_locked_by_a_timed_lease_after_a_restart() {
        putAll("a1", "a2", "b1", "b2");
        Lease first = takeFirst("a1");
        restart();

        Lease other = takeFirst("b1");
        assertNothingToTake(mail);
        finish(first);
        takeFirst("a2");
        finish(other);
        takeFirst("b2");
    }

    @Test
    void a_restart_returns_what_was_bound_to_a_session_to_the_head_of_its_group() {
        putAll("a1", "a2", "a3");
        take(session(), mail, 2, WHILE_OPEN);
        restart();
        awaitReady(mail, 3);

        Lease first = takeFirst("a1");

        assertNothingToTake(mail);
        retry(first);
        assertTakes(10, "a1", "a2", "a3");
    }

    @Test
    void a_head_that_waits_still_holds_up_its_group_after_a_restart() {
        needs(Feature.RETRY_AFTER);
        putAll("a1", "a2", "b1");
        settle(takeFirst("a1"), Outcome.retry(TEN));
        restart();

        assertTakes(10, "b1");
        advance(TEN.plus(SECOND));

        awaitCounts(mail, counts -> counts.delayed() == 0);
        assertTakes(10, "a1", "a2");
    }

    @Test
    void a_group_put_while_ignored_is_known_after_a_restart() {
        define(Groups.IGNORED);
        putAll("a1", "a2");
        restart();
        define(Groups.ORDERED_SINGLY);

        takeFirst("a1");
        assertNothingToTake(mail);
    }
}
