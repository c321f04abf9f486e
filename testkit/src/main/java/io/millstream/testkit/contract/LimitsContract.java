package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/// Of messages with something in common only so many are leased at once; their slots are those of
/// the leases that there are, and who waits for one is in nobody else's way.
public abstract class LimitsContract extends LimitsFixture {

    private static final int RACES = 50;
    private static final Term AUTO = Term.Auto.AUTO;

    @BeforeEach
    void need_limits() {
        needs(Feature.LIMITS, Feature.TYPES, Feature.GROUPS);
    }

    // Whom a limit holds for.

    @Test
    void of_each_type_so_many_are_leased_at_once() {
        limitMail(types(atOnce(2)));
        putTyped(mail, "a1", "a2", "a3", "b1", "b2", "b3");

        List<Lease> leases = takeAllowed("a1", "a2", "b1", "b2");

        finish(leases.get(1));
        takeAllowed("a3");
        finish(leases.get(2));
        takeAllowed("b3");
    }

    @Test
    void of_each_group_so_many_are_leased_at_once() {
        limitMail(Groups.FAIR, groups(atOnce(2)));
        putGrouped(mail, "a1", "a2", "a3", "b1", "b2", "b3");

        List<Lease> leases = takeAllowed("a1", "b1", "a2", "b2");

        finish(leases.get(0));
        takeAllowed("a3");
        finish(leases.get(1));
        takeAllowed("b3");
    }

    @Test
    void where_there_are_limits_by_type_and_by_group_both_hold() {
        limitMail(Groups.FAIR, groups(atOnce(1)).withTypes(atOnce(2)));
        put(mail, typed("g", "x1"));
        put(mail, typed("g", "x2"));
        put(mail, typed("h", "x3"));
        put(mail, typed("i", "x4"));
        put(mail, typed("h", "y1"));
        put(mail, typed("j", "y2"));

        List<Lease> leases = takeAllowed("x1", "x3", "y2");

        finish(leases.getFirst());
        takeAllowed("x4");
        finish(leases.get(1));
        assertThat(texts(takeNow(mail, 10))).containsExactlyInAnyOrder("x2", "y1");
    }

    @Test
    void those_without_a_type_or_group_have_no_limit() {
        limitMail(Groups.FAIR, groups(atOnce(1)).withTypes(atOnce(1)));
        put(mail, "1", "2", "3");

        takeAllowed("1", "2", "3");
    }

    @Test
    void some_have_a_limit_of_their_own_or_none() {
        limitMail(types(atOnce(1), Map.of("b", atOnce(2), "c", Limit.NONE)));
        putTyped(mail, "a1", "a2", "b1", "b2", "b3", "c1", "c2", "c3");

        takeAllowed("a1", "b1", "b2", "c1", "c2", "c3");
    }

    @Test
    void only_those_that_are_named_have_a_limit_if_there_is_none_for_each() {
        limitMail(Groups.FAIR, groups(null, Map.of("a", atOnce(1))));
        putGrouped(mail, "a1", "a2", "b1", "b2");

        takeAllowed("a1", "b1", "b2");
    }

    @Test
    void a_limit_holds_over_all_who_take() {
        limitMail(types(atOnce(2)));
        putTyped(mail, "a1", "a2", "a3");

        Lease first = takeOne(newSession("one"), mail, TIMED);
        Lease second = takeOne(newSession("two"), mail, WHILE_OPEN);

        assertThat(texts(List.of(first, second))).containsExactly("a1", "a2");
        assertNothingToTake(mail);
    }

    @Test
    void the_limits_of_one_queue_are_not_those_of_another() {
        limitMail(types(atOnce(1)));
        define(Definition.Queue.builder(post).typed(true).limits(types(atOnce(1))).build());
        putTyped(mail, "a1");
        putTyped(post, "a2");

        takeAllowed("a1");

        assertThat(texts(takeNow(post, 10))).containsExactly("a2");
    }

    @Test
    void a_queue_tells_its_limits() {
        Limits limits =
                new Limits(
                        SLOW,
                        new Limits.Each(atOnce(2).withRate(SLOW), Map.of("a", Limit.NONE)),
                        new Limits.Each(null, Map.of("b", atOnce(7))));
        defineMail(queue -> queue.typed(true).limits(limits).weights(Map.of("b", 3)));

        Definition.Queue before = view(mail).definition();
        assertThat(before.limits()).isEqualTo(limits);
        restart();
        assertThat(view(mail).definition()).isEqualTo(before);
    }

    // How a slot comes back.

    /// Two of a type that one of may be leased, of which the first one is.
    private Lease takeTheOnlySlot() {
        limitMail(types(atOnce(1)));
        return takeTheOnlySlot(session(), TIMED);
    }

    private Lease takeTheOnlySlot(Session by, Term term) {
        putTyped(mail, "a1", "a2");
        return takeOne(by, mail, term);
    }

    @Test
    void a_message_that_is_done_gives_its_slot_back() {
        Lease lease = takeTheOnlySlot();
        Pending<Taken> waiting = waitFor(mail, 10);
        assertStillWaits(waiting);

        finish(lease);

        assertThat(texts(leased(waiting))).containsExactly("a2");
    }

    @Test
    void a_message_that_is_given_back_gives_its_slot_back() {
        Lease lease = takeTheOnlySlot();
        Pending<Taken> waiting = waitFor(mail, 10);

        retry(lease);

        assertThat(texts(leased(waiting))).containsExactly("a1");
        assertNothingToTake(mail);
    }

    @Test
    void a_message_that_waits_to_be_tried_again_has_no_slot() {
        needs(Feature.RETRY_AFTER);
        Lease lease = takeTheOnlySlot();
        Pending<Taken> waiting = waitFor(mail, 10);

        settle(lease, Outcome.retry(TEN));

        Lease second = leased(waiting).getFirst();
        assertThat(second.message().text()).isEqualTo("a2");
        advance(TEN);
        awaitReady(mail, 1);
        assertNothingToTake(mail);
        finish(second);
        takeAllowed("a1");
    }

    @Test
    void a_message_that_dies_gives_its_slot_back() {
        Lease lease = takeTheOnlySlot();
        Pending<Taken> waiting = waitFor(mail, 10);

        settle(lease, Outcome.dead("bad"));

        assertThat(texts(leased(waiting))).containsExactly("a2");
    }

    @Test
    void a_lease_that_ends_by_itself_gives_its_slot_back() {
        takeTheOnlySlot();
        Pending<Taken> waiting = waitFor(mail, 10);
        pass(LEASE.minus(MILLISECOND));
        assertStillWaits(waiting);

        advance(MILLISECOND);

        Lease again = leased(waiting).getFirst();
        assertThat(again.message().text()).isEqualTo("a1");
        assertThat(again.deliveries()).isEqualTo(2);
        assertNothingToTake(mail);
    }

    @Test
    void a_lease_that_is_extended_keeps_its_slot() {
        Lease lease = takeTheOnlySlot();
        commit(new Operation.Extend(lease.handle(), LONG, true));

        pass(LEASE);

        assertNothingToTake(mail);
        finish(lease);
        takeAllowed("a2");
    }

    @Test
    void a_message_that_waits_after_its_lease_has_ended_has_no_slot() {
        needs(Feature.BACK_OFF);
        defineMail(queue ->
                queue.typed(true).limits(types(atOnce(1))).backOff(new BackOff(TEN, 1, TEN)));
        takeTheOnlySlot(session(), TIMED);
        Pending<Taken> waiting = waitFor(mail, 10);

        advance(LEASE);

        assertThat(texts(leased(waiting))).containsExactly("a2");
    }

    @Test
    void a_message_that_dies_with_its_last_lease_gives_its_slot_back() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        defineMail(queue ->
                queue.typed(true).limits(types(atOnce(1))).maxAttempts(1).deadLetter(dead));
        takeTheOnlySlot(session(), TIMED);
        Pending<Taken> waiting = waitFor(mail, 10);

        advance(LEASE);

        assertThat(texts(leased(waiting))).containsExactly("a2");
        assertReadyInOrder(dead, "a1");
    }

    @Test
    void the_slots_of_a_session_come_back_with_its_end() {
        limitMail(types(atOnce(1)));
        Session holder = newSession("holder");
        takeTheOnlySlot(holder, WHILE_OPEN);
        Pending<Taken> waiting = waitFor(mail, 10);
        assertStillWaits(waiting);

        holder.close();

        assertThat(texts(leased(waiting))).containsExactly("a1");
        assertNothingToTake(mail);
    }

    @Test
    void after_a_restart_slots_are_those_of_the_leases_that_are_still_there() {
        limitMail(types(atOnce(2)));
        putTyped(mail, "a1", "a2", "a3", "a4");
        Lease timed = takeOne(mail);
        takeOne(session(), mail, WHILE_OPEN);
        restart();
        awaitReady(mail, 3);

        List<Lease> leases = takeAllowed("a2");

        finish(timed);
        takeAllowed("a3");
        finish(leases.getFirst());
        takeAllowed("a4");
    }

    @Test
    void a_take_cancelled_while_it_is_answered_keeps_no_slot() {
        limitMail(types(atOnce(1)));
        for (int race = 0; race < RACES; race++) {
            Pending<Taken> waiting = waitFor(mail, 1);
            CompletionStage<Receipt> put = session().commit(Commit.of(putting(mail, typed("a1"))));
            waiting.cancel();
            await(put);
            List<Lease> leases = leased(waiting);
            finish(leases.isEmpty() ? takeOne(mail) : leases.getFirst());
        }

        putTyped(mail, "a2", "a3");
        takeAllowed("a2");
    }

    @Test
    void what_is_purged_has_no_slot() {
        needs(Feature.PURGE);
        takeTheOnlySlot();
        commit(new Operation.Edit.Purge(mail));
        putTyped(mail, "a3", "a4");

        takeAllowed("a3");
    }

    @Test
    void what_is_settled_by_its_delivery_has_no_slot() {
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1", "a2", "a3");

        assertThat(texts(take(session(), mail, 2, AUTO))).containsExactly("a1", "a2");
        takeAllowed("a3");
    }

    @Test
    void a_take_gets_as_many_as_there_are_slots_of_what_is_settled_by_its_delivery() {
        limitMail(types(atOnce(2)));
        putTyped(mail, "a1", "a2", "a3", "b1");

        Take auto = Take.of(mail, 10, AUTO, Duration.ZERO);

        assertThat(texts(leased(session().take(auto)))).containsExactly("a1", "a2", "b1");
        assertThat(texts(leased(session().take(auto)))).containsExactly("a3");
    }

    @Test
    void a_consumer_gets_all_that_is_settled_by_its_delivery() {
        needs(Feature.CONSUME);
        limitMail(types(atOnce(2)));
        Consumer consumer = new Consumer();
        session().consume(Subscribe.of(mail, AUTO, session().credit(10, Long.MAX_VALUE)), consumer);

        putTyped(mail, "a1", "a2", "a3", "a4", "a5");

        awaitTexts(consumer, "a1", "a2", "a3", "a4", "a5");
        awaitCounts(mail, counts -> counts.done() == 5);
    }

    @Test
    void what_is_settled_by_its_delivery_waits_for_a_slot_all_the_same() {
        Lease lease = takeTheOnlySlot();
        Pending<Taken> waiting = session().take(Take.of(mail, 10, AUTO, LONG));
        assertStillWaits(waiting);

        finish(lease);

        assertThat(texts(leased(waiting))).containsExactly("a2");
        assertThat(counts(mail).leased()).isZero();
    }

    // What changes.

    @Test
    void a_limit_that_is_raised_serves_who_waits_at_once() {
        Lease lease = takeTheOnlySlot();
        Pending<Taken> waiting = waitFor(mail, 10);
        assertStillWaits(waiting);

        limitMail(types(atOnce(2)));

        assertThat(texts(leased(waiting))).containsExactly("a2");
        finish(lease);
    }

    @Test
    void a_limit_that_is_lifted_serves_who_waits_at_once() {
        takeTheOnlySlot();
        putTyped(mail, "a3");
        Pending<Taken> waiting = waitFor(mail, 10);

        limitMail(Limits.NONE);

        assertThat(texts(leased(waiting))).containsExactly("a2", "a3");
    }

    @Test
    void a_limit_that_is_lowered_takes_nothing_away_and_gives_nothing_until_there_is_room() {
        limitMail(types(atOnce(3)));
        putTyped(mail, "a1", "a2", "a3", "a4", "b1");
        List<Lease> leases = takeNow(mail, 3);

        limitMail(types(atOnce(2)));

        commit(new Operation.Check(leases.get(2).handle()));
        takeAllowed("b1");
        finish(leases.get(0));
        assertNothingToTake(mail);
        finish(leases.get(1));
        takeAllowed("a4");
    }

    @Test
    void what_was_leased_before_there_was_a_limit_counts() {
        defineMail(queue -> queue.typed(true));
        putTyped(mail, "a1", "a2", "a3", "a4");
        List<Lease> leases = takeNow(mail, 3);

        limitMail(types(atOnce(2)));

        assertNothingToTake(mail);
        finish(leases.get(0), leases.get(1));
        takeAllowed("a4");
    }

    @Test
    void what_groups_mean_may_change_while_they_have_slots() {
        limitMail(Groups.FAIR, groups(atOnce(2)));
        putGrouped(mail, "a1", "a2", "a3", "a4");
        List<Lease> leases = takeAllowed("a1", "a2");

        limitMail(Groups.ORDERED, groups(atOnce(2)));
        assertNothingToTake(mail);
        limitMail(Groups.FAIR, groups(atOnce(3)));

        takeAllowed("a3");
        finish(leases.getFirst());
        takeAllowed("a4");
    }

    // What is in nobody's way.

    @Test
    void what_waits_for_a_slot_is_in_nobodys_way() {
        limitMail(types(atOnce(1)));
        commit(
                IntStream.rangeClosed(1, 200)
                        .mapToObj(i -> putting(mail, typed("a" + i)))
                        .toArray(Operation[]::new));
        Lease first = takeAllowed("a1").getFirst();
        Pending<Taken> waiting = waitFor(mail, 1);
        assertStillWaits(waiting);

        putTyped(mail, "b1");

        assertThat(texts(leased(waiting))).containsExactly("b1");
        put(mail, "without");
        takeAllowed("without");
        finish(first);
        takeAllowed("a2");
    }

    @Test
    void among_what_is_not_held_up_the_order_is_the_usual_one() {
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1", "a2", "b1", "c1");
        put(mail, Message.of("without"));
        putTyped(mail, "b2", "d1");

        List<Lease> leases = takeAllowed("a1", "b1", "c1", "without", "d1");

        finish(leases.toArray(Lease[]::new));
        takeAllowed("a2", "b2");
    }

    @Test
    void what_is_given_back_keeps_its_place_before_what_was_held_up() {
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1", "a2", "b1");
        List<Lease> leases = takeAllowed("a1", "b1");

        retry(leases.getFirst());

        takeAllowed("a1");
    }

    @Test
    void a_take_of_several_gets_as_many_as_there_are_slots() {
        limitMail(types(atOnce(2)));
        putTyped(mail, "a1", "a2", "a3", "a4", "b1", "b2");

        List<Lease> three = takeNow(mail, 3);

        assertThat(texts(three)).containsExactly("a1", "a2", "b1");
        finish(three.toArray(Lease[]::new));
        takeAllowed("a3", "a4", "b2");
    }

    @Test
    void consumers_are_pushed_what_is_not_held_up_and_the_rest_when_slots_come_back() {
        needs(Feature.CONSUME);
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1", "a2", "a3", "b1");
        Consumer consumer = consume(mail, 10);
        awaitTexts(consumer, "a1", "b1");

        finish(consumer.leases().getFirst());

        awaitTexts(consumer, "a1", "b1", "a2");
        assertThat(counts(mail).leased()).isEqualTo(2);
        finish(consumer.leases().get(2));
        awaitTexts(consumer, "a1", "b1", "a2", "a3");
    }

    @Test
    void consumers_share_the_slots() {
        needs(Feature.CONSUME);
        limitMail(types(atOnce(3)));
        Consumer one = consume(mail, 10);
        Consumer other = consume(mail, 10);
        putTyped(mail, "a1", "a2", "a3", "a4", "a5");

        eventually(() -> one.leases().size() + other.leases().size() == 3);
        assertThat(counts(mail).leased()).isEqualTo(3);
        assertNothingToTake(mail);
        finish(one.leases().isEmpty() ? other.leases().getFirst() : one.leases().getFirst());
        eventually(() -> one.leases().size() + other.leases().size() == 4);
    }

    @Test
    void slots_that_come_back_go_to_those_who_came_first() {
        Lease lease = takeTheOnlySlot();
        Pending<Taken> first = waitFor(mail, 1);
        Pending<Taken> second = waitFor(mail, 1);

        finish(lease);

        Lease next = leased(first).getFirst();
        assertThat(next.message().text()).isEqualTo("a2");
        assertStillWaits(second);
        putTyped(mail, "a3");
        finish(next);
        assertThat(texts(leased(second))).containsExactly("a3");
    }

    // Together with the queue's own limit.

    @Test
    void no_more_are_in_flight_than_the_queue_allows_whatever_their_types() {
        defineMail(queue -> queue.typed(true).maxInFlight(3).limits(types(atOnce(2))));
        putTyped(mail, "a1", "a2", "a3", "b1", "b2", "c1");

        List<Lease> leases = takeAllowed("a1", "a2", "b1");

        finish(leases.get(2));
        List<Lease> next = takeAllowed("b2");
        finish(next.getFirst());
        takeAllowed("c1");
    }

    @Test
    void a_slot_without_room_in_flight_is_kept_for_later() {
        defineMail(queue -> queue.typed(true).maxInFlight(1).limits(types(atOnce(1))));
        putTyped(mail, "a1", "b1");
        Lease lease = takeAllowed("a1").getFirst();
        Pending<Taken> waiting = waitFor(mail, 10);
        assertStillWaits(waiting);

        finish(lease);

        assertThat(texts(leased(waiting))).containsExactly("b1");
    }

    @Test
    void a_take_gets_no_more_than_may_be_in_flight_of_what_is_settled_by_its_delivery() {
        defineMail(queue -> queue.typed(true).maxInFlight(2));
        putTyped(mail, "a1", "a2", "a3");

        Take auto = Take.of(mail, 10, AUTO, Duration.ZERO);

        assertThat(texts(leased(session().take(auto)))).containsExactly("a1", "a2");
        assertThat(texts(leased(session().take(auto)))).containsExactly("a3");
    }

    // In groups that are worked in order.

    @Test
    void a_head_that_is_held_up_holds_up_what_is_behind_it_in_its_group_and_nobody_else() {
        for (Groups mode : List.of(Groups.ORDERED, Groups.ORDERED_SINGLY, Groups.FAIR_ORDERED)) {
            limitMail(mode, types(atOnce(1)));
            put(mail, typed("g", "a1"));
            put(mail, typed("h", "a2"));
            put(mail, typed("h", "b1"));
            put(mail, typed("i", "b2"));

            List<Lease> leases = takeAllowed("a1", "b2");

            finish(leases.getFirst());
            List<Lease> next = takeAllowed("a2");
            finish(next.getFirst(), leases.get(1));
            takeAllowed("b1");
            commit(removing(mail));
        }
    }

    @Test
    void a_take_of_several_of_a_group_ends_before_the_one_that_is_held_up() {
        limitMail(Groups.ORDERED, types(atOnce(2)));
        put(mail, typed("g", "a1"));
        put(mail, typed("g", "b1"));
        put(mail, typed("g", "a2"));
        put(mail, typed("g", "a3"));
        put(mail, typed("g", "b2"));

        List<Lease> leases = takeAllowed("a1", "b1", "a2");

        finish(leases.toArray(Lease[]::new));
        takeAllowed("a3", "b2");
    }

    @Test
    void a_take_gets_as_many_of_an_ordered_group_as_the_group_has_slots() {
        limitMail(Groups.ORDERED, groups(atOnce(2)));
        putGrouped(mail, "a1", "a2", "a3", "b1");

        List<Lease> leases = takeAllowed("a1", "a2", "b1");

        finish(leases.getFirst());
        assertNothingToTake(mail);
        finish(leases.get(1));
        takeAllowed("a3");
    }

    @Test
    void where_groups_share_fairly_one_that_waits_for_a_slot_leaves_its_turns_to_the_others() {
        limitMail(Groups.FAIR, groups(atOnce(1)));
        putGrouped(mail, "a1", "a2", "a3", "b1", "b2", "c1");
        List<Lease> leases = takeAllowed("a1", "b1", "c1");

        finish(leases.get(1));
        takeAllowed("b2");
        finish(leases.get(2), leases.get(0));

        takeAllowed("a2");
    }

    @Test
    void in_a_fair_group_what_is_not_held_up_goes_before_what_is() {
        limitMail(Groups.FAIR, types(atOnce(1)));
        put(mail, typed("g", "a1"));
        put(mail, typed("g", "a2"));
        put(mail, typed("g", "b1"));
        put(mail, typed("h", "a3"));
        put(mail, typed("h", "c1"));

        assertThat(texts(takeNow(mail, 10))).containsExactlyInAnyOrder("a1", "b1", "c1");
        assertNothingToTake(mail);
    }

    // How long.

    @Test
    void a_take_that_waits_for_a_slot_in_vain_ends_empty_in_its_time() {
        Lease lease = takeTheOnlySlot();
        Pending<Taken> waiting = session().take(Take.of(mail, 1, TIMED, Duration.ofSeconds(1)));

        advance(SECOND);

        assertThat(leased(waiting)).isEmpty();
        finish(lease);
        assertThat(takeOne(mail).deliveries()).isEqualTo(1);
    }
}
