package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongUnaryOperator;

/// Runs the production engine in simulation. `-Dseed=S` repeats one run; a plain build runs fresh
/// seeds for a quarter of a minute; `mvn -Psim verify -Dseeds=N` runs N of them.
class SimulationTest {
    private static final System.Logger LOGGER = System.getLogger(SimulationTest.class.getName());
    private static final long SECONDS = 10;
    private static final long SECONDS_OF_ALL = Long.getLong("seconds", 5);
    private static final int SEEDS = 10_000;

    private static Simulation.Result run(long seed) {
        try {
            return Simulation.run(seed);
        } catch (AssertionError broken) {
            throw new AssertionError(
                    ("%s%nRepeat it: mvn -q -pl testkit -am test"
                                    + " -Dtest='SimulationTest#one_seed' -Dseed=%d%n")
                            .formatted(broken.getMessage(), seed),
                    broken);
        }
    }

    /// Runs one seed after the other while `more` says so.
    ///
    /// @param next which one comes from a number on
    private static String runFrom(long first, LongUnaryOperator next, BooleanSupplier more) {
        int seeds = 0;
        long seed = first;
        long steps = 0;
        long operations = 0;
        long deliveries = 0;
        long crashes = 0;
        long backups = 0;
        long full = 0;
        while (more.getAsBoolean()) {
            seed = next.applyAsLong(seed);
            Simulation.Result result = run(seed++);
            seeds++;
            steps += result.steps();
            operations += result.operations();
            deliveries += result.deliveries();
            crashes += result.crashes();
            backups += result.backups();
            full += result.full() ? 1 : 0;
        }
        return ("%d seeds from %d: %d steps, %d operations, %d deliveries, %d crashes,"
                        + " %d backups restored, %d ended for want of room")
                .formatted(seeds, first, steps, operations, deliveries, crashes, backups, full);
    }

    @Test
    void no_promise_is_broken_in_fresh_seeds() {
        long first = ThreadLocalRandom.current().nextLong(1L << 48);
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        String summary = runFrom(first, seed -> seed, () -> System.nanoTime() - end < 0);
        LOGGER.log(System.Logger.Level.INFO, summary);
    }

    @Test
    void no_promise_is_broken_where_all_that_there_is_is_used_at_once() {
        long first = ThreadLocalRandom.current().nextLong(1L << 48);
        long end = System.nanoTime() + SECONDS_OF_ALL * 1_000_000_000L;
        String summary = runFrom(first, Simulation::seedWithAll, () -> System.nanoTime() - end < 0);
        LOGGER.log(System.Logger.Level.INFO, "All at once: " + summary);
    }

    @Tag("sim")
    @Test
    void no_promise_is_broken_in_many_seeds() {
        long[] left = {Integer.getInteger("seeds", SEEDS)};
        long first = ThreadLocalRandom.current().nextLong(1L << 48);
        LOGGER.log(System.Logger.Level.INFO, runFrom(first, seed -> seed, () -> left[0]-- > 0));
    }

    @Test
    void one_seed() {
        assertThat(run(Long.getLong("seed", 1)).steps()).isPositive();
    }

    /// Each of these once broke a promise.
    @ParameterizedTest
    @ValueSource(
            longs = {
                1,
                3,
                4,
                9,
                11,
                31,
                40,
                44,
                60,
                74,
                96,
                103,
                121,
                191,
                212,
                252,
                324,
                379,
                382,
                491,
                693,
                873,
                918,
                940,
                967,
                1126,
                1513,
                1627,
                1961,
                2502,
                252377874437715L,
                127678362298204L,
                93938365132425L,
                22063293956301L,
                157564972561254L,
                179578901727101L,
                237314746617048L,
                237314746618861L,
                250390360978647L,
                277863187793660L,
                172717628102773L,
                3000000039L,
                3000000182L,
                3000000289L,
                4000000334L
            })
    void a_promise_once_broken_is_kept(long seed) {
        assertThat(run(seed).steps()).isPositive();
    }
}
