package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/// Sequences by time, however they come and go.
class TimeOrderTest {
    private final TimeOrder order = new TimeOrder();
    private final TreeSet<Pair> model = new TreeSet<>();

    private record Pair(long time, long sequence) implements Comparable<Pair> {
        private static final Comparator<Pair> ORDER =
                Comparator.comparingLong(Pair::time).thenComparingLong(Pair::sequence);

        @Override
        public int compareTo(Pair other) {
            return ORDER.compare(this, other);
        }
    }

    private void add(Pair pair) {
        if (model.add(pair)) {
            order.add(pair.time, pair.sequence);
        }
    }

    private void remove(Pair pair) {
        assertThat(order.remove(pair.time, pair.sequence)).isEqualTo(model.remove(pair));
    }

    private static List<Pair> rest(TimeOrder.Walk walk) {
        List<Pair> pairs = new ArrayList<>();
        for (; walk.isAtOne(); walk.advance()) {
            pairs.add(new Pair(walk.time(), walk.sequence()));
        }
        return pairs;
    }

    private void check() {
        assertThat(order.size()).isEqualTo(model.size());
        assertThat(order.isEmpty()).isEqualTo(model.isEmpty());
        assertThat(rest(order.walk())).isEqualTo(List.copyOf(model));
        assertThat(order.firstTime())
                .isEqualTo(model.isEmpty() ? Long.MAX_VALUE : model.first().time);
        if (!model.isEmpty()) {
            assertThat(order.firstSequence()).isEqualTo(model.first().sequence);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void it_is_a_sorted_set_of_pairs(int seed) {
        Random random = new Random(seed);
        int times = 1 + random.nextInt(5000);
        long sequence = 0;
        for (int round = 0; round < 60; round++) {
            int kind = random.nextInt(4);
            for (int i = random.nextInt(1500); i > 0; i--) {
                Pair any = new Pair(random.nextInt(times), random.nextInt(50));
                switch (kind) {
                    case 0 -> add(any);
                    case 1 -> add(new Pair(times + round, ++sequence));
                    case 2 -> remove(any);
                    default -> {
                        if (!model.isEmpty()) {
                            remove(random.nextInt(3) > 0 ? model.first() : model.last());
                        }
                    }
                }
            }
            check();
            Pair from = new Pair(random.nextInt(times + 60), random.nextInt(50));
            assertThat(order.contains(from.time, from.sequence)).isEqualTo(model.contains(from));
            assertThat(rest(order.walkBehind(from.time, from.sequence)))
                    .isEqualTo(List.copyOf(model.tailSet(from, false)));
        }
    }

    @Test
    void extreme_times_have_their_places() {
        add(new Pair(Long.MAX_VALUE - 1, 1));
        add(new Pair(0, 2));
        add(new Pair(-1, Long.MAX_VALUE));
        add(new Pair(Long.MIN_VALUE, 3));
        check();
        remove(new Pair(0, 2));
        check();
    }

    @Test
    void what_is_cleared_is_empty_and_can_be_filled_again() {
        for (int i = 0; i < 1000; i++) {
            add(new Pair(i, i));
        }
        order.clear();
        model.clear();
        check();
        add(new Pair(5, 5));
        check();
    }

    @Test
    void a_window_that_moves_on_stays_in_order() {
        for (int i = 0; i < 10_000; i++) {
            add(new Pair(i, i));
            if (i >= 255) {
                remove(model.first());
            }
        }
        check();
    }
}
