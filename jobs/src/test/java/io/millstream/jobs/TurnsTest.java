package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/// Which of several queues free places are for.
class TurnsTest {
    private static final int[] ENDLESS = {
        Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE
    };

    private static BitSet queues(int... numbers) {
        BitSet set = new BitSet();
        IntStream.of(numbers).forEach(set::set);
        return set;
    }

    /// Does what workers do when places are free.
    ///
    /// @param waiting how many jobs each queue has, of which those that begin are taken
    /// @return how many of each queue begin
    private static int[] round(Turns turns, int free, int[] waiting) {
        int[] begun = new int[waiting.length];
        BitSet among = new BitSet();
        among.set(0, waiting.length);
        turns.begin();
        int left = free;
        while (left > 0 && !among.isEmpty()) {
            int[] shares = turns.shares(left, among);
            assertThat(IntStream.of(shares).sum()).isEqualTo(left);
            for (int i = 0; i < shares.length; i++) {
                int got = Math.min(shares[i], waiting[i]);
                if (shares[i] > 0) {
                    assertThat(among.get(i)).isTrue();
                    turns.answered(i, shares[i], got);
                }
                if (got < shares[i]) {
                    among.clear(i);
                }
                waiting[i] -= got;
                begun[i] += got;
                left -= got;
            }
        }
        return begun;
    }

    @Test
    void of_strict_queues_the_first_one_has_all_that_it_can_use() {
        Turns turns = Queues.strict("a", "b", "c").turns();

        assertThat(turns.shares(5, queues(0, 1, 2))).containsExactly(5, 0, 0);
        assertThat(turns.shares(2, queues(1, 2))).containsExactly(0, 2, 0);
        assertThat(round(turns, 9, new int[] {2, 3, 10})).containsExactly(2, 3, 4);
        assertThat(round(turns, 9, new int[] {20, 20, 20})).containsExactly(9, 0, 0);
    }

    @Test
    void weighted_queues_begin_as_many_as_their_weights_say_over_every_window() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            int[] weights = random.ints(4, 1, 9).toArray();
            Turns turns = new Turns.Weighted(IntStream.of(weights).boxed().toList());
            double all = IntStream.of(weights).sum();
            int[] begun = new int[4];
            int total = 0;
            for (int step = 0; step < 500; step++) {
                int[] now = round(turns, random.nextInt(1, 17), ENDLESS.clone());
                for (int i = 0; i < 4; i++) {
                    begun[i] += now[i];
                    total += now[i];
                }
                for (int i = 0; i < 4; i++) {
                    assertThat((double) begun[i])
                            .as("of queue %d of %s, seed %d", i, List.of(weights), seed)
                            .isCloseTo(total * weights[i] / all, within(3.0));
                }
            }
        }
    }

    @Test
    void a_queue_of_the_least_weight_is_not_starved() {
        Turns turns = new Turns.Weighted(List.of(Queues.WEIGHT_MAX, 1));
        int first = 0;
        while (round(turns, 1, new int[] {10, 10})[1] == 0) {
            first++;
        }
        assertThat(first).isLessThanOrEqualTo(Queues.WEIGHT_MAX);
        int next = 0;
        while (round(turns, 1, new int[] {10, 10})[1] == 0) {
            next++;
        }
        assertThat(next).isEqualTo(Queues.WEIGHT_MAX);
    }

    @Test
    void no_place_stays_free_while_any_queue_has_something() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            Turns turns =
                    random.nextBoolean()
                            ? new Turns.Strict()
                            : new Turns.Weighted(random.ints(3, 1, 9).boxed().toList());
            for (int step = 0; step < 20; step++) {
                int[] waiting = random.ints(3, 0, 12).toArray();
                int there = IntStream.of(waiting).sum();
                int free = random.nextInt(1, 20);

                int[] begun = round(turns, free, waiting);

                assertThat(IntStream.of(begun).sum()).isEqualTo(Math.min(free, there));
            }
        }
    }

    @Test
    void a_queue_that_had_nothing_for_long_gets_no_more_for_that() {
        Turns turns = new Turns.Weighted(List.of(1, 1));
        for (int i = 0; i < 1000; i++) {
            assertThat(round(turns, 1, new int[] {10, 0})).containsExactly(1, 0);
        }
        assertThat(round(turns, 200, new int[] {1000, 0})).containsExactly(200, 0);

        int[] begun = round(turns, 8, new int[] {100, 100});

        assertThat(begun[0]).isBetween(3, 5);
        assertThat(begun[1]).isBetween(3, 5);
    }

    @Test
    void queues_that_all_had_nothing_owe_each_other_nothing() {
        Turns turns = new Turns.Weighted(List.of(1, 1));
        assertThat(round(turns, 300, new int[] {200, 0})).containsExactly(200, 0);

        assertThat(round(turns, 8, new int[] {100, 100})).containsExactly(4, 4);
    }

    @Test
    void queues_are_named_once_and_their_weights_have_bounds() {
        assertThatThrownBy(() -> Queues.strict("a", "b", "a")).hasMessageContaining("a, b, a");
        assertThatThrownBy(() -> Queues.strict()).hasMessageContaining("1 to 32");
        assertThatThrownBy(() -> Queues.weighted(Map.of("a", 0)))
                .hasMessageContaining("that of a is not 0");
        assertThatThrownBy(() -> Queues.weighted(Map.of("a", 1001)))
                .hasMessageContaining("1 to 1000");
        assertThat(Queues.weighted(Map.of("b", 1, "a", 2))).hasToString("a, b");
    }
}
