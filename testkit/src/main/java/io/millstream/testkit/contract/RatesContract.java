package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Rate;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Leases begin as often as a queue's rates allow, evenly spread but for a burst; those who wait
/// are served at the moment when they may be, and what has begun is remembered for as long as it
/// says anything.
public abstract class RatesContract extends LimitsFixture {

    private static final Limits SLOWLY = Limits.NONE.withRate(SLOW);
    private static final Limits EACH_TYPE_SLOWLY = types(Limit.rate(SLOW));
    private static final Limits EACH_GROUP_SLOWLY = groups(Limit.rate(SLOW));

    @BeforeEach
    void need_limits() {
        needs(Feature.LIMITS, Feature.TYPES, Feature.GROUPS);
    }

    private static Limit slowly() {
        return Limit.rate(SLOW);
    }

    /// Asserts that the next one begins after exactly this time.
    private Lease assertNextAfter(Duration time, String text) {
        Pending<Taken> waiting = waitFor(mail, 10);
        pass(time.minus(MILLISECOND));
        assertStillWaits(waiting);

        advance(MILLISECOND);

        List<Lease> leases = leased(waiting);
        assertThat(texts(leases)).containsExactly(text);
        return leases.getFirst();
    }

    // How often.

    @Test
    void after_a_burst_one_begins_at_a_time() {
        limitMail(Limits.NONE.withRate(Rate.of(3, Duration.ofMillis(300))));
        put(mail, "1", "2", "3", "4", "5", "6");

        takeAllowed("1", "2", "3");

        assertNextAfter(Duration.ofMillis(100), "4");
        assertNextAfter(Duration.ofMillis(100), "5");
        assertNothingToTake(mail);
    }

    @Test
    void what_begins_without_a_burst_is_evenly_spread() {
        limitMail(Limits.NONE.withRate(Rate.of(10, SECOND).withBurst(1)));
        put(mail, "1", "2", "3");

        takeAllowed("1");

        assertNextAfter(Duration.ofMillis(100), "2");
        assertNextAfter(Duration.ofMillis(100), "3");
    }

    @Test
    void a_pause_gives_back_the_burst_and_no_more() {
        limitMail(Limits.NONE.withRate(Rate.of(2, TEN)));
        put(mail, "1", "2", "3", "4", "5", "6");
        takeAllowed("1", "2");
        pass(Duration.ofSeconds(5));
        takeAllowed("3");

        pass(Duration.ofSeconds(24));

        takeAllowed("4", "5");
    }

    @Test
    void a_part_of_a_pause_gives_back_a_part_of_the_burst() {
        limitMail(Limits.NONE.withRate(Rate.of(4, Duration.ofMillis(400))));
        put(mail, "1", "2", "3", "4", "5", "6", "7", "8");
        takeAllowed("1", "2", "3", "4");

        pass(Duration.ofMillis(299));

        takeAllowed("5", "6");
        pass(MILLISECOND);
        takeAllowed("7");
    }

    @Test
    void intervals_that_are_no_whole_milliseconds_add_up() {
        limitMail(Limits.NONE.withRate(new Rate(3, Duration.ofMillis(100), 1)));
        put(mail, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11");
        List<String> begun = new ArrayList<>(texts(takeAllowed("1")));

        for (int ms = 0; ms < 300; ms++) {
            pass(MILLISECOND);
            begun.addAll(texts(takeNow(mail, 10)));
            assertThat(begun).hasSizeLessThanOrEqualTo(1 + (ms + 1) * 3 / 100);
        }

        // Each began within the millisecond after it might have.
        assertThat(begun).hasSizeBetween(9, 10);
    }

    @Test
    void there_are_rates_much_faster_than_the_clock() {
        limitMail(Limits.NONE.withRate(new Rate(5, MILLISECOND, 2)));
        put(mail, "1", "2", "3", "4", "5");
        takeAllowed("1", "2");

        pass(MILLISECOND);

        takeAllowed("3", "4");
    }

    @Test
    void there_are_rates_of_one_in_a_year() {
        Duration year = Duration.ofDays(366);
        limitMail(Limits.NONE.withRate(new Rate(1, year, 1)));
        put(mail, "1", "2");
        takeAllowed("1");

        pass(year.minus(MILLISECOND));

        assertNothingToTake(mail);
        pass(MILLISECOND);
        // The first one's lease has ended, and it is still before the second one.
        takeAllowed("1");
    }

    @Test
    void in_any_stretch_of_time_no_more_begin_than_the_rate_says_and_none_is_withheld() {
        Random random = new Random(20260101);
        Rate rate = new Rate(5, SECOND, 3);
        limitMail(Limits.NONE.withRate(rate));
        List<Long> begun = new ArrayList<>();
        long millis = 0;
        long interval = rate.intervalNanos() / 1_000_000;
        for (int i = 0; i < 60; i++) {
            put(mail, "a", "b", "c", "d");
            int taken = takeNow(mail, 1 + random.nextInt(4)).size();
            for (int j = 0; j < taken; j++) begun.add(millis);
            if (taken == 0) {
                // Then all of the burst has begun since so long ago.
                assertThat(begun.get(begun.size() - 1)).isGreaterThan(millis - interval);
            }
            int step = random.nextInt(2) == 0 ? random.nextInt(60) : random.nextInt(400);
            pass(Duration.ofMillis(step));
            millis += step;
        }

        assertThat(begun).hasSizeGreaterThan(30);
        for (int first = 0; first < begun.size(); first++) {
            for (int last = first; last < begun.size(); last++) {
                long time = begun.get(last) - begun.get(first);
                assertThat(last - first + 1L).isLessThanOrEqualTo(3 + time / interval);
            }
        }
    }

    // Whom a rate holds for.

    @Test
    void each_type_has_its_rate() {
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1", "a2", "b1", "b2");
        put(mail, "without");

        finish(takeAllowed("a1", "b1", "without").toArray(Lease[]::new));

        pass(NOT_QUITE_TEN);
        assertNothingToTake(mail);
        pass(MILLISECOND);
        takeAllowed("a2", "b2");
    }

    @Test
    void each_group_has_its_rate() {
        limitMail(Groups.FAIR, EACH_GROUP_SLOWLY);
        putGrouped(mail, "a1", "a2", "b1", "b2");
        put(mail, "without");

        finish(takeAllowed("a1", "b1", "without").toArray(Lease[]::new));

        pass(NOT_QUITE_TEN);
        assertNothingToTake(mail);
        pass(MILLISECOND);
        takeAllowed("a2", "b2");
    }

    @Test
    void some_have_a_rate_of_their_own_or_none() {
        Limit two = Limit.rate(Rate.of(2, TEN));
        limitMail(types(slowly(), Map.of("b", two, "c", Limit.NONE)));
        putTyped(mail, "a1", "a2", "b1", "b2", "b3", "c1", "c2", "c3");

        takeAllowed("a1", "b1", "b2", "c1", "c2", "c3");
    }

    @Test
    void rates_of_the_queue_and_of_types_and_of_groups_all_hold() {
        limitMail(
                Groups.FAIR,
                new Limits(
                        new Rate(1, SECOND, 3),
                        Limits.Each.of(Limit.rate(new Rate(1, SECOND, 2))),
                        Limits.Each.of(slowly())));
        put(mail, typed("g", "a1"));
        put(mail, typed("g", "a2"));
        put(mail, typed("h", "a3"));
        put(mail, typed("i", "a4"));
        put(mail, typed("j", "b1"));
        put(mail, typed("k", "b2"));
        takeAllowed("a1", "a3", "b1");

        pass(SECOND);
        assertThat(texts(takeNow(mail, 10))).hasSize(1).containsAnyOf("a4", "b2");
        pass(SECOND);
        assertThat(texts(takeNow(mail, 10))).hasSize(1).containsAnyOf("a4", "b2");
        pass(TEN.minus(SECOND.multipliedBy(2)));
        takeAllowed("a2");
    }

    @Test
    void what_is_held_up_by_one_rate_uses_no_permit_of_another() {
        Limit slow = slowly();
        limitMail(
                new Limits(
                        Rate.of(2, TEN),
                        new Limits.Each(null, Map.of("a", slow)),
                        Limits.Each.NONE));
        putTyped(mail, "a1", "a2", "a3", "b1", "b2");

        takeAllowed("a1", "b1");
    }

    @Test
    void a_slot_without_a_permit_and_a_permit_without_a_slot_are_not_enough() {
        limitMail(types(atOnce(1).withRate(Rate.of(2, TEN))));
        putTyped(mail, "a1", "a2", "a3", "a4");
        Lease first = takeAllowed("a1").getFirst();
        finish(first);
        Lease second = takeAllowed("a2").getFirst();
        finish(second);
        assertNothingToTake(mail);
        pass(Duration.ofSeconds(5));

        Lease third = takeAllowed("a3").getFirst();
        pass(Duration.ofSeconds(5));
        assertNothingToTake(mail);
        finish(third);

        takeAllowed("a4");
    }

    // What uses a permit.

    @Test
    void one_that_is_handed_out_again_begins_again() {
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1");

        retry(takeAllowed("a1").getFirst());

        assertNothingToTake(mail);
        assertThat(assertNextAfter(TEN, "a1").deliveries()).isEqualTo(2);
    }

    @Test
    void one_whose_lease_has_ended_waits_for_a_permit() {
        Rate minute = new Rate(1, Duration.ofMinutes(1), 1);
        limitMail(Limits.NONE.withRate(minute));
        put(mail, "1");
        takeAllowed("1");
        advance(LEASE);
        awaitReady(mail, 1);
        assertNothingToTake(mail);

        assertNextAfter(Duration.ofMinutes(1).minus(LEASE), "1");
    }

    @Test
    void what_is_settled_by_its_delivery_uses_a_permit() {
        limitMail(Limits.NONE.withRate(Rate.of(2, TEN)));
        put(mail, "1", "2", "3");

        Take auto = Take.of(mail, 10, Term.Auto.AUTO, Duration.ZERO);
        assertThat(texts(leased(session().take(auto)))).containsExactly("1", "2");

        assertNothingToTake(mail);
        assertNextAfter(Duration.ofSeconds(5), "3");
    }

    @Test
    void takes_that_get_nothing_use_no_permit() {
        limitMail(SLOWLY);
        assertNothingToTake(mail);
        Pending<Taken> cancelled = waitFor(mail, 1);
        cancelled.cancel();
        assertThat(leased(cancelled)).isEmpty();
        Pending<Taken> late = session().take(Take.of(mail, 1, TIMED, SECOND));
        advance(SECOND);
        assertThat(leased(late)).isEmpty();
        put(mail, "1");

        takeAllowed("1");
    }

    @Test
    void what_goes_without_a_lease_uses_no_permit() {
        needs(Feature.MOVE, Feature.TIME_TO_LIVE, Feature.DELAY, Feature.PURGE);
        define("post");
        limitMail(SLOWLY);
        List<Long> places = put(mail, "moved", "dropped");
        commit(new Operation.Edit.Move(mail, post, 1));
        commit(new Operation.Edit.Drop(mail, places.getLast()));
        put(mail, mortal(SECOND, "mortal"));
        advance(SECOND);
        awaitCounts(mail, counts -> counts.expired() == 1);
        put(mail, "1", "2");

        takeAllowed("1");
    }

    @Test
    void a_settlement_uses_no_permit() {
        limitMail(SLOWLY);
        put(mail, "1", "2");
        Lease lease = takeAllowed("1").getFirst();
        commit(new Operation.Extend(lease.handle(), LONG, true));
        commit(new Operation.Check(lease.handle()));
        settle(lease, Outcome.dead("bad"));

        assertNextAfter(TEN, "2");
    }

    // Who waits.

    @Test
    void those_who_wait_are_served_one_by_one_as_time_passes() {
        limitMail(SLOWLY);
        put(mail, "1", "2", "3");
        Pending<Taken> first = waitFor(mail, 10);
        Pending<Taken> second = waitFor(mail, 10);
        Pending<Taken> third = waitFor(mail, 10);
        assertThat(texts(leased(first))).containsExactly("1");
        assertStillWaits(second);

        advance(TEN);

        assertThat(texts(leased(second))).containsExactly("2");
        assertStillWaits(third);
        advance(TEN);
        assertThat(texts(leased(third))).containsExactly("3");
    }

    @Test
    void each_that_waits_is_served_at_its_own_time() {
        Limit sooner = Limit.rate(new Rate(1, Duration.ofSeconds(3), 1));
        Limit later = Limit.rate(new Rate(1, Duration.ofSeconds(7), 1));
        limitMail(types(slowly(), Map.of("a", later, "c", sooner)));
        putTyped(mail, "a1", "b1", "c1", "d1");
        finish(takeAllowed("a1", "b1", "c1", "d1").toArray(Lease[]::new));
        putTyped(mail, "a2", "c2", "b2");

        assertNextAfter(Duration.ofSeconds(3), "c2");
        assertNextAfter(Duration.ofSeconds(4), "a2");
        assertNextAfter(Duration.ofSeconds(3), "b2");
    }

    @Test
    void consumers_are_pushed_as_time_passes() {
        needs(Feature.CONSUME);
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1", "a2", "a3", "b1");
        Consumer consumer = consume(mail, 10);
        awaitTexts(consumer, "a1", "b1");
        advance(NOT_QUITE_TEN);
        assertThat(counts(mail).leased()).isEqualTo(2);

        advance(MILLISECOND);

        awaitTexts(consumer, "a1", "b1", "a2");
        advance(TEN);
        awaitTexts(consumer, "a1", "b1", "a2", "a3");
    }

    @Test
    void a_message_that_comes_while_its_rate_is_used_up_is_served_in_time() {
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1");
        finish(takeAllowed("a1").getFirst());
        pass(Duration.ofSeconds(4));
        Pending<Taken> waiting = waitFor(mail, 1);
        putTyped(mail, "a2");
        pass(Duration.ofSeconds(6).minus(MILLISECOND));
        assertStillWaits(waiting);

        advance(MILLISECOND);

        assertThat(texts(leased(waiting))).containsExactly("a2");
    }

    @Test
    void what_waits_for_its_time_is_served_when_both_have_come() {
        needs(Feature.DELAY);
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1");
        finish(takeAllowed("a1").getFirst());
        put(mail, of("early", m -> m.type("a").delay(SECOND)));
        put(mail, of("late", m -> m.type("a").delay(Duration.ofSeconds(30))));

        Lease early = assertNextAfter(TEN, "early");
        finish(early);

        assertNextAfter(Duration.ofSeconds(20), "late");
    }

    @Test
    void what_waits_for_a_permit_is_in_nobodys_way() {
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1", "a2", "a3");
        takeAllowed("a1");
        Pending<Taken> waiting = waitFor(mail, 1);
        assertStillWaits(waiting);

        putTyped(mail, "b1");

        assertThat(texts(leased(waiting))).containsExactly("b1");
    }

    @Test
    void a_head_without_a_permit_holds_up_its_ordered_group_and_nobody_else() {
        for (Groups mode : List.of(Groups.ORDERED, Groups.ORDERED_SINGLY, Groups.FAIR_ORDERED)) {
            limitMail(mode, types(null, Map.of("a", slowly())));
            put(mail, typed("g", "a1"));
            put(mail, typed("h", "a2"));
            put(mail, typed("h", "b1"));
            put(mail, typed("i", "b2"));

            finish(takeAllowed("a1", "b2").toArray(Lease[]::new));

            pass(NOT_QUITE_TEN);
            assertNothingToTake(mail);
            pass(MILLISECOND);
            finish(takeFirst("a2"));
            takeAllowed("b1");
            commit(removing(mail));
        }
    }

    @Test
    void an_ordered_group_begins_as_often_as_its_rate_allows() {
        limitMail(Groups.ORDERED, groups(Limit.rate(Rate.of(2, TEN))));
        putGrouped(mail, "a1", "a2", "a3", "b1");

        List<Lease> leases = takeAllowed("a1", "a2", "b1");

        finish(leases.toArray(Lease[]::new));
        assertNextAfter(Duration.ofSeconds(5), "a3");
    }

    // What changes.

    @Test
    void other_numbers_hold_at_once_for_what_has_begun() {
        limitMail(SLOWLY);
        put(mail, "1", "2", "3");
        takeAllowed("1");
        pass(Duration.ofSeconds(4));

        limitMail(Limits.NONE.withRate(new Rate(1, SECOND, 1)));

        // What had begun before counts as it did then.
        assertNextAfter(Duration.ofSeconds(6), "2");
        assertNextAfter(SECOND, "3");
    }

    @Test
    void a_larger_burst_serves_who_waits_at_once() {
        limitMail(SLOWLY);
        put(mail, "1", "2", "3");
        takeAllowed("1");
        Pending<Taken> waiting = waitFor(mail, 10);
        assertStillWaits(waiting);

        limitMail(Limits.NONE.withRate(SLOW.withBurst(2)));

        assertThat(texts(leased(waiting))).containsExactly("2");
        assertNothingToTake(mail);
    }

    @Test
    void a_rate_that_is_lifted_serves_who_waits_at_once() {
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1", "a2", "a3");
        takeAllowed("a1");
        Pending<Taken> waiting = waitFor(mail, 10);
        assertStillWaits(waiting);

        limitMail(Limits.NONE);

        assertThat(texts(leased(waiting))).containsExactly("a2", "a3");
    }

    @Test
    void a_rate_that_is_new_begins_anew() {
        for (Limits limits : List.of(SLOWLY, EACH_TYPE_SLOWLY, EACH_GROUP_SLOWLY)) {
            limitMail(Groups.FAIR, limits);
            for (int i = 1; i <= 3; i++) put(mail, typed("a", "a" + i));
            takeAllowed("a1");
            limitMail(Groups.FAIR, Limits.NONE);

            limitMail(Groups.FAIR, limits);

            takeAllowed("a2");
            commit(removing(mail));
        }
    }

    @Test
    void a_type_whose_rate_becomes_its_own_goes_on() {
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1", "a2");
        takeAllowed("a1");

        limitMail(types(null, Map.of("a", slowly())));

        assertNothingToTake(mail);
        assertNextAfter(TEN, "a2");
    }

    @Test
    void what_a_type_has_used_outlives_its_messages() {
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1");
        finish(takeAllowed("a1").getFirst());
        pass(SECOND);

        putTyped(mail, "a2");

        assertNothingToTake(mail);
        assertNextAfter(TEN.minus(SECOND), "a2");
    }

    @Test
    void what_a_group_has_used_outlives_its_messages() {
        limitMail(EACH_GROUP_SLOWLY);
        putGrouped(mail, "a1");
        finish(takeAllowed("a1").getFirst());
        pass(SECOND);

        putGrouped(mail, "a2");

        assertNothingToTake(mail);
        assertNextAfter(TEN.minus(SECOND), "a2");
    }

    @Test
    void what_has_been_used_outlives_a_purge() {
        needs(Feature.PURGE);
        for (Limits limits : List.of(SLOWLY, EACH_TYPE_SLOWLY, EACH_GROUP_SLOWLY)) {
            limitMail(limits);
            put(mail, typed("a", "a1"));
            put(mail, typed("a", "a2"));
            takeNow(mail, 1);
            commit(new Operation.Edit.Purge(mail));
            put(mail, typed("a", "a3"));

            assertNothingToTake(mail);
            assertNextAfter(TEN, "a3");
            commit(removing(mail));
        }
    }

    @Test
    void a_queue_that_is_made_anew_has_used_nothing() {
        limitMail(SLOWLY);
        put(mail, "1");
        takeAllowed("1");
        commit(removing(mail));

        limitMail(SLOWLY);
        put(mail, "2");

        takeAllowed("2");
    }

    @Test
    void a_refused_commit_changes_no_rate() {
        limitMail(EACH_TYPE_SLOWLY);
        putTyped(mail, "a1", "a2");
        takeAllowed("a1");

        refused(defining(Definition.Queue.builder(mail).typed(true).build()), removing(post));

        assertNothingToTake(mail);
        assertNextAfter(TEN, "a2");
    }

    // What time is.

    @Test
    void setting_the_wall_clock_gives_and_takes_no_permits() {
        needs(Feature.STEADY_TIME);
        limitMail(SLOWLY);
        put(mail, "1", "2", "3");
        takeAllowed("1");
        harness().jumpWall(Duration.ofHours(1));
        assertNothingToTake(mail);
        advance(TEN.plus(SECOND));
        takeSoon("2");
        assertNothingToTake(mail);

        harness().jumpWall(Duration.ofHours(-2));

        assertNothingToTake(mail);
        advance(TEN.plus(SECOND));
        takeSoon("3");
    }

    @Test
    void what_has_been_used_outlives_a_restart() {
        limitMail(
                new Limits(
                        Rate.of(4, TEN),
                        new Limits.Each(null, Map.of("a", slowly())),
                        new Limits.Each(null, Map.of("g", slowly()))));
        putTyped(mail, "a1", "a2");
        put(mail, grouped("g", "g1"));
        put(mail, grouped("g", "g2"));
        finish(takeNow(mail, 10).toArray(Lease[]::new));
        put(mail, "1", "2", "3");
        restart();

        takeAllowed("1", "2");

        restart();
        assertNothingToTake(mail);
        advance(TEN.plus(MILLISECOND.multipliedBy(20)));
        assertThat(texts(take(mail, 3))).containsExactly("a2", "g2", "3");
    }

    @Test
    void a_restart_gives_no_more_than_time_has_given() {
        limitMail(Limits.NONE.withRate(Rate.of(2, TEN)));
        put(mail, "1", "2", "3", "4");
        takeAllowed("1", "2");
        pass(Duration.ofSeconds(3));
        restart();
        assertNothingToTake(mail);

        pass(Duration.ofSeconds(2).plusMillis(20));

        takeAllowed("3");
    }
}
