package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Operation;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/// Where groups share a queue fairly, one that weighs three times as much is served three times as
/// often.
public abstract class WeightContract extends FairnessFixture {

    private static final List<Groups> FAIR = List.of(Groups.FAIR, Groups.FAIR_ORDERED);

    @BeforeEach
    void need_groups() {
        needs(Feature.GROUPS);
    }

    @Test
    void a_group_is_served_as_often_as_its_weight_says() {
        for (Groups groups : FAIR) {
            shareMail(groups, Map.of("a", 3));
            putMany("a", 1, 9);
            putMany("b", 1, 9);

            assertThat(takeOneByOne(11))
                    .containsExactly(
                            "a1", "b1", "a2", "a3", "a4", "b2", "a5", "a6", "a7", "b3", "a8");
            commit(removing(mail));
        }
    }

    @Test
    void a_take_of_several_is_shared_in_the_same_way() {
        shareMail(Groups.FAIR, Map.of("a", 3));
        putMany("a", 1, 9);
        putMany("b", 1, 9);

        assertThat(texts(takeNow(mail, 11)))
                .containsExactly("a1", "b1", "a2", "a3", "a4", "b2", "a5", "a6", "a7", "b3", "a8");
    }

    @Test
    void in_the_long_run_all_have_their_shares() {
        for (Groups groups : FAIR) {
            shareMail(groups, Map.of("a", 4, "b", 2, "unknown", 1000));
            for (String group : List.of("c", "b", "a", "-")) putMany(group, 1, 60);

            List<String> served = takeOneByOne(80);

            assertThat(countOf(served, "a")).isBetween(39L, 41L);
            assertThat(countOf(served, "b")).isBetween(19L, 21L);
            assertThat(countOf(served, "c")).isBetween(9L, 11L);
            assertThat(countOf(served, "-")).isBetween(9L, 11L);
            commit(removing(mail));
        }
    }

    @Test
    void a_small_share_is_served_soon() {
        shareMail(Groups.FAIR, Map.of("a", Definition.Queue.WEIGHT_MAX));
        putMany("a", 1, 50);
        putMany("b", 1, 2);

        assertThat(takeOneByOne(50)).contains("b1").doesNotContain("b2");
    }

    @Test
    void whoever_has_something_left_when_the_others_have_not_gets_all_there_is() {
        shareMail(Groups.FAIR, Map.of("a", 5));
        putMany("a", 1, 2);
        putMany("b", 1, 4);

        assertThat(takeOneByOne(6)).containsExactly("a1", "b1", "a2", "b2", "b3", "b4");
    }

    @Test
    void a_heavy_group_is_owed_nothing_for_the_time_when_it_had_nothing() {
        shareMail(Groups.FAIR, Map.of("a", 3));
        putMany("b", 1, 40);
        takeOneByOne(20);
        putMany("a", 1, 20);

        List<String> next = takeOneByOne(12);

        assertThat(countOf(next, "a")).isBetween(8L, 10L);
    }

    @Test
    void other_weights_hold_from_now_on() {
        shareMail(Groups.FAIR, Map.of());
        putMany("a", 1, 30);
        putMany("b", 1, 30);
        assertThat(takeOneByOne(4)).containsExactly("a1", "b1", "a2", "b2");

        shareMail(Groups.FAIR, Map.of("b", 4));

        List<String> next = takeOneByOne(20);
        assertThat(countOf(next, "b")).isBetween(15L, 17L);
        shareMail(Groups.FAIR, Map.of());
        assertThat(countOf(takeOneByOne(10), "a")).isBetween(4L, 6L);
    }

    @Test
    void where_groups_do_not_share_weights_mean_nothing() {
        for (Groups groups : List.of(Groups.IGNORED, Groups.ORDERED, Groups.ORDERED_SINGLY)) {
            shareMail(groups, Map.of("b", 100));
            putMany("a", 1, 3);
            putMany("b", 1, 3);

            assertThat(takeOneByOne(6)).containsExactly("a1", "a2", "a3", "b1", "b2", "b3");
            commit(removing(mail));
        }
    }

    @Test
    void weights_hold_in_each_priority() {
        needs(Feature.PRIORITY);
        shareMail(Groups.FAIR, Map.of("b", 2));
        for (int i = 1; i <= 4; i++) {
            String number = "" + i;
            put(mail, of("a" + number, m -> m.group("a").priority(1)));
            put(mail, of("b" + number, m -> m.group("b").priority(1)));
        }
        put(mail, of("b0", m -> m.group("b").priority(2)));

        List<String> served = takeOneByOne(9);

        assertThat(countOf(served.subList(0, 6), "b")).isEqualTo(4);
        assertThat(served.getLast()).isEqualTo("b0");
    }

    @Test
    void after_a_restart_the_weights_hold() {
        shareMail(Groups.FAIR, Map.of("a", 3));
        putMany("a", 1, 30);
        putMany("b", 1, 30);
        takeOneByOne(3);
        restart();

        assertThat(countOf(takeOneByOne(20), "a")).isBetween(14L, 16L);
    }

    @Test
    void weights_and_limits_hold_together() {
        needs(Feature.LIMITS);
        defineMail(queue ->
                queue.groups(Groups.FAIR)
                        .weights(Map.of("a", 9))
                        .limits(LimitsFixture.groups(LimitsFixture.atOnce(2))));
        putMany("a", 1, 9);
        putMany("b", 1, 9);

        List<Lease> leases = takeNow(mail, 10);

        assertThat(texts(leases)).containsExactlyInAnyOrder("a1", "a2", "b1", "b2");
        commit(leases.stream().map(BackendContract::finishing).toArray(Operation[]::new));
        assertThat(takeOneByOne(4)).containsSubsequence("a3", "a4", "a5");
    }
}
