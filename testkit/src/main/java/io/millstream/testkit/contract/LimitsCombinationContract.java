package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.Capacity.Overflow;
import io.millstream.api.Commit;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Rate;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Taken;
import io.millstream.api.View;
import io.millstream.api.View.MessageState;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What limits do together with other features: they say who may begin, and nothing else. What
/// waits for a slot or a permit is ready, counted, and goes for its age, for want of room and at
/// somebody's wish like any other.
public abstract class LimitsCombinationContract extends LimitsFixture {

    private static final Rate TWO = Rate.of(2, TEN);

    @BeforeEach
    void need_limits() {
        needs(Feature.LIMITS, Feature.TYPES);
    }

    // Order.

    @Test
    void limits_and_priority_the_best_one_that_is_not_held_up_is_next() {
        needs(Feature.PRIORITY);
        limitMail(types(atOnce(1)));
        put(mail, of("a0", m -> m.type("a").priority(0)));
        put(mail, of("also a0", m -> m.type("a").priority(0)));
        put(mail, of("b3", m -> m.type("b").priority(3)));
        put(mail, of("a1", m -> m.type("a").priority(1)));
        put(mail, of("c2", m -> m.type("c").priority(2)));

        List<Lease> leases = takeAllowed("a0", "c2", "b3");

        finish(leases.getFirst());
        Lease next = takeAllowed("also a0").getFirst();
        finish(next);
        takeAllowed("a1");
    }

    @Test
    void limits_and_ageing_what_is_held_up_ages() {
        needs(Feature.PRIORITY);
        defineMail(queue ->
                queue.typed(true).ageing(SECOND).limits(types(null, Map.of("a", atOnce(1)))));
        put(mail, of("first", m -> m.type("a").priority(0)));
        put(mail, of("old", m -> m.type("a").priority(5)));
        Lease first = takeFirst("first");
        pass(TEN);
        put(mail, of("new", m -> m.type("b").priority(0)));
        assertThat(texts(takeNow(mail, 1))).containsExactly("new");
        put(mail, of("newer", m -> m.type("b").priority(0)));

        finish(first);

        takeAllowed("old", "newer");
    }

    @Test
    void limits_and_delay_what_has_waited_needs_a_slot() {
        needs(Feature.DELAY);
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1");
        put(mail, of("late", m -> m.type("a").delay(TEN)));
        Lease lease = takeAllowed("a1").getFirst();
        advance(TEN);
        awaitReady(mail, 1);
        assertNothingToTake(mail);

        finish(lease);

        takeAllowed("late");
    }

    @Test
    void limits_and_back_off_what_waits_after_its_lease_leaves_its_slot_to_others() {
        needs(Feature.BACK_OFF);
        defineMail(queue ->
                queue.typed(true).limits(types(atOnce(1))).backOff(new BackOff(TEN, 1, TEN)));
        putTyped(mail, "a1", "a2");
        takeAllowed("a1");

        advance(LEASE);

        Lease second = take(mail, 1).getFirst();
        assertThat(second.message().text()).isEqualTo("a2");
        advance(TEN);
        awaitReady(mail, 1);
        assertNothingToTake(mail);
        finish(second);
        takeAllowed("a1");
    }

    // Ends.

    @Test
    void limits_and_dead_letters_they_take_part_in_the_limits_of_their_queue() {
        needs(Feature.DEAD_LETTER, Feature.GROUPS);
        define(
                Definition.Queue.builder(dead)
                        .groups(Groups.FAIR)
                        .typed(true)
                        .limits(groups(atOnce(1)).withTypes(atOnce(1)))
                        .build());
        defineMail(queue -> queue.groups(Groups.FAIR).typed(true).deadLetter(dead));
        put(mail, typed("g", "a1"));
        put(mail, typed("h", "a2"));
        put(mail, typed("g", "b1"));
        put(mail, typed("i", "c1"));
        for (Lease lease : takeNow(mail, 10)) settle(lease, Outcome.dead("bad"));

        List<Lease> first = takeNow(dead, 10);

        assertThat(texts(first)).containsExactlyInAnyOrder("a1", "c1");
        finish(first.toArray(Lease[]::new));
        assertThat(texts(takeNow(dead, 10))).containsExactlyInAnyOrder("a2", "b1");
    }

    @Test
    void limits_and_dead_letters_one_without_a_type_has_no_limit_by_type() {
        needs(Feature.DEAD_LETTER);
        define(Definition.Queue.builder(dead).typed(true).limits(types(atOnce(1))).build());
        defineMail(queue -> queue.deadLetter(dead));
        putTyped(mail, "a1", "a2");
        for (Lease lease : takeNow(mail, 10)) settle(lease, Outcome.dead("bad"));

        assertThat(texts(takeNow(dead, 10))).containsExactly("a1", "a2");
    }

    @Test
    void limits_and_time_to_live_a_head_that_is_held_up_goes_in_its_time() {
        needs(Feature.TIME_TO_LIVE);
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1");
        takeAllowed("a1");
        put(mail, of("mortal", m -> m.type("a").timeToLive(TEN)));
        putTyped(mail, "a2");

        advance(TEN);

        awaitCounts(mail, counts -> counts.expired() == 1);
        assertThat(counts(mail).ready()).isEqualTo(1);
    }

    @Test
    void limits_and_time_to_live_what_is_overdue_is_not_handed_out_when_its_slot_is_free() {
        needs(Feature.TIME_TO_LIVE);
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1", "a2");
        put(mail, of("mortal", m -> m.type("a").timeToLive(TEN)));
        putTyped(mail, "a3");
        Lease first = takeAllowed("a1").getFirst();
        pass(TEN);
        finish(first);

        finish(takeAllowed("a2").getFirst());

        takeAllowed("a3");
        assertThat(counts(mail).expired()).isEqualTo(1);
    }

    @Test
    void limits_and_retention_what_is_held_up_for_too_long_goes() {
        needs(Feature.RETENTION);
        defineMail(queue -> queue.typed(true).retention(TEN).limits(types(atOnce(1))));
        putTyped(mail, "a1", "a2", "a3");
        Lease first = takeAllowed("a1").getFirst();

        advance(TEN);

        awaitCounts(mail, counts -> counts.expired() == 2);
        finish(first);
        putTyped(mail, "a4");
        takeAllowed("a4");
    }

    @Test
    void limits_and_capacity_what_is_held_up_counts_and_makes_room() {
        needs(Feature.CAPACITY);
        defineMail(queue ->
                queue.typed(true).limits(types(atOnce(1))).capacity(limit(2, Overflow.DROP_HEAD)));
        putTyped(mail, "a1");
        Lease first = takeAllowed("a1").getFirst();
        putTyped(mail, "a2", "a3");

        putTyped(mail, "b1");

        takeAllowed("b1");
        finish(first);
        takeAllowed("a3");
    }

    @Test
    void limits_and_capacity_the_head_makes_room_though_it_is_held_up() {
        needs(Feature.CAPACITY);
        defineMail(queue ->
                queue.typed(true).limits(types(atOnce(1))).capacity(limit(2, Overflow.DROP_HEAD)));
        putTyped(mail, "a1");
        Lease first = takeAllowed("a1").getFirst();
        putTyped(mail, "a2", "b1");

        putTyped(mail, "c1");

        takeAllowed("b1", "c1");
        finish(first);
        assertNothingToTake(mail);
    }

    @Test
    void limits_and_capacity_a_queue_of_what_is_held_up_is_full() {
        needs(Feature.CAPACITY);
        defineMail(queue ->
                queue.typed(true).limits(types(atOnce(1))).capacity(limit(1, Overflow.REFUSE)));
        putTyped(mail, "a1");
        Lease first = takeAllowed("a1").getFirst();
        putTyped(mail, "a2");
        refusal(Refusal.IsFull.class, putting(mail, typed("b1")));

        finish(first);
        takeAllowed("a2");

        putTyped(mail, "b1");
        takeAllowed("b1");
    }

    @Test
    void limits_and_deduplication_one_that_is_held_up_is_the_first() {
        needs(Feature.DEDUPLICATION);
        defineMail(queue ->
                queue.typed(true)
                        .limits(types(atOnce(1)))
                        .deduplication(deduplication(Deduplication.Scope.QUEUE)));
        putTyped(mail, "a1");
        Lease first = takeAllowed("a1").getFirst();
        put(mail, of("held up", m -> m.type("a").deduplication("1")));

        commit(putting(mail, of("again", m -> m.type("b").deduplication("1"))));

        assertNothingToTake(mail);
        finish(first);
        takeAllowed("held up");
    }

    // Somebody's wish.

    @Test
    void limits_and_moves_what_is_held_up_is_moved_and_uses_nothing() {
        needs(Feature.MOVE);
        define("post");
        limitMail(types(atOnce(1).withRate(TWO)));
        putTyped(mail, "a1", "a2", "a3", "a4");
        finish(takeAllowed("a1").getFirst());

        commit(new Operation.Edit.Move(mail, post, 2));

        assertReadyInOrder(post, "a2", "a3");
        takeAllowed("a4");
    }

    @Test
    void limits_and_moves_groups_that_are_held_up_are_moved() {
        needs(Feature.MOVE, Feature.GROUPS);
        define("post");
        limitMail(Groups.FAIR, groups(atOnce(1).withRate(TWO)));
        putGrouped(mail, "a1", "a2", "a3", "b1");
        Lease first = takeFirst("a1");

        commit(new Operation.Edit.Move(mail, post, 10));

        assertThat(counts(mail).ready()).isZero();
        assertThat(texts(takeNow(post, 10))).containsExactlyInAnyOrder("a2", "a3", "b1");
        finish(first);
    }

    @Test
    void limits_and_moves_what_comes_takes_part_in_the_limits() {
        needs(Feature.MOVE);
        define(Definition.Queue.builder(post).typed(true).build());
        putTyped(post, "a1", "a2", "b1");
        limitMail(types(atOnce(1)));

        commit(new Operation.Edit.Move(post, mail, 10));

        takeAllowed("a1", "b1");
    }

    @Test
    void limits_and_drops_what_is_held_up_can_be_called_off() {
        needs(Feature.PURGE);
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1");
        Lease first = takeAllowed("a1").getFirst();
        long place = put(mail, typed("a2"));
        putTyped(mail, "a3");

        commit(new Operation.Edit.Drop(mail, place));

        finish(first);
        takeAllowed("a3");
    }

    @Test
    void limits_and_browsing_what_is_held_up_is_ready() {
        needs(Feature.BROWSE);
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1", "a2");
        takeAllowed("a1");

        List<View.MessageView> views = find(new Query.Browse(mail, 100, null, 10)).items();

        assertThat(views)
                .extracting(View.MessageView::state)
                .containsExactly(MessageState.LEASED, MessageState.READY);
        assertThat(counts(mail).ready()).isEqualTo(1);
    }

    @Test
    void limits_and_pause_neither_counts_for_the_other() {
        needs(Feature.PAUSE);
        Limits limits = types(Limit.rate(SLOW));
        defineMail(queue -> queue.typed(true).limits(limits).paused(true));
        putTyped(mail, "a1", "a2");
        Pending<Taken> waiting = waitFor(mail, 10);
        assertStillWaits(waiting);

        limitMail(limits);

        assertThat(texts(leased(waiting))).containsExactly("a1");
        defineMail(queue -> queue.typed(true).limits(limits).paused(true));
        pass(TEN);
        assertNothingToTake(mail);
        limitMail(limits);
        takeAllowed("a2");
    }

    // Consumers.

    @Test
    void limits_and_credit_what_is_held_up_uses_none() {
        needs(Feature.CONSUME);
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1", "a2", "a3", "b1", "c1", "d1");

        Consumer consumer = consume(mail, 3);

        awaitTexts(consumer, "a1", "b1", "c1");
        finish(consumer.leases().get(1));
        awaitTexts(consumer, "a1", "b1", "c1", "d1");
        finish(consumer.leases().get(0));
        awaitTexts(consumer, "a1", "b1", "c1", "d1", "a2");
    }

    @Test
    void limits_and_consumer_priority_a_slot_goes_to_the_better_consumer() {
        needs(Feature.CONSUME, Feature.CONSUMER_CHOICE);
        limitMail(types(atOnce(1)));
        Consumer plain = consume(mail, 10);
        Consumer better = new Consumer();
        session()
                .consume(
                        new Subscribe(
                                mail,
                                WHILE_OPEN,
                                session().credit(10, Long.MAX_VALUE),
                                5,
                                false,
                                "better"),
                        better);
        putTyped(mail, "a1", "a2");
        awaitTexts(better, "a1");

        finish(better.leases().getFirst());

        awaitTexts(better, "a1", "a2");
        assertThat(plain.leases()).isEmpty();
    }

    // Commits.

    @Test
    void limits_and_commits_what_is_done_and_what_comes_in_one_commit_is_served_after_it() {
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1");
        Lease first = takeAllowed("a1").getFirst();
        Pending<Taken> waiting = waitFor(mail, 10);

        commit(putting(mail, typed("a2")), finishing(first), putting(mail, typed("b1")));

        assertThat(texts(leased(waiting))).containsExactly("a2", "b1");
    }

    @Test
    void limits_and_commits_a_refused_one_gives_no_slot_back() {
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1", "a2");
        Lease first = takeAllowed("a1").getFirst();

        refused(Commit.of(finishing(first), removing(post)));

        assertNothingToTake(mail);
        finish(first);
        takeAllowed("a2");
    }

    @Test
    void limits_and_many_keys_each_of_a_thousand_has_its_own() {
        needs(Feature.GROUPS);
        limitMail(Groups.FAIR, groups(atOnce(1).withRate(TWO)));
        Operation[] puts = new Operation[3000];
        for (int i = 0; i < puts.length; i++) {
            puts[i] = putting(mail, grouped("g" + i % 1000, "" + i));
        }
        commit(puts);

        List<Lease> first = take(mail, 1000);

        assertThat(first).extracting(lease -> lease.message().group()).doesNotHaveDuplicates();
        assertNothingToTake(mail);
        commit(first.stream().map(BackendContract::finishing).toArray(Operation[]::new));
        List<Lease> second = take(mail, 1000);
        assertThat(second).extracting(lease -> lease.message().group()).doesNotHaveDuplicates();
        commit(second.stream().map(BackendContract::finishing).toArray(Operation[]::new));
        assertNothingToTake(mail);
        advance(Duration.ofSeconds(5));
        assertThat(take(mail, 1000)).hasSize(1000);
    }
}
