package io.millstream.jobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// What is made up for when nobody was there, by each policy.
class MisfireTest {
    private static final Cron HOURLY = Cron.of("@hourly");
    private static final Instant TEN = Instant.parse("2026-11-27T10:00:00Z");
    private static final Duration LITTLE = Duration.ofMillis(300);

    @Test
    void a_run_that_is_in_time_is_made_by_every_policy() {
        Stream.of(Misfire.skip(), Misfire.last(), Misfire.all(10))
                .forEach(policy -> {
                    assertThat(due(policy, TEN.minusSeconds(3600), TEN)).containsExactly(TEN);
                    assertThat(due(policy, TEN.minusSeconds(3600), TEN.plus(LITTLE)))
                            .containsExactly(TEN);
                    assertThat(due(policy, TEN.minusSeconds(3600), TEN.minus(LITTLE))).isEmpty();
                });
    }

    @Test
    void a_run_that_was_made_is_not_due_again() {
        Stream.of(Misfire.skip(), Misfire.last(), Misfire.all(10))
                .forEach(policy -> assertThat(due(policy, TEN, TEN.plus(LITTLE))).isEmpty());
    }

    @Test
    void nothing_is_due_when_the_clock_has_been_put_back() {
        Stream.of(Misfire.skip(), Misfire.last(), Misfire.all(10))
                .forEach(policy -> assertThat(due(policy, TEN, TEN.minusSeconds(7200))).isEmpty());
    }

    @Test
    void skip_makes_what_is_in_time_and_nothing_that_was_missed() {
        Instant fired = TEN.minusSeconds(10 * 3600);

        assertThat(due(Misfire.skip(), fired, TEN.plusSeconds(60))).containsExactly(TEN);
        assertThat(due(Misfire.skip(), fired, TEN.plusSeconds(60).plusNanos(1))).isEmpty();
        assertThat(due(Misfire.skip().within(Duration.ofMinutes(90)), fired, TEN.plusSeconds(60)))
                .containsExactly(TEN.minusSeconds(3600), TEN);
        assertThat(due(Misfire.skip().within(Duration.ZERO), fired, TEN)).containsExactly(TEN);
        assertThat(due(Misfire.skip().within(Duration.ZERO), fired, TEN.plusNanos(1))).isEmpty();
    }

    @Test
    void last_makes_one_run_for_all_that_were_missed() {
        Instant fired = TEN.minusSeconds(10 * 3600);
        Instant now = TEN.plusSeconds(1800);

        assertThat(due(Misfire.last(), fired, now)).containsExactly(TEN);
        assertThat(due(Misfire.last().within(Duration.ofMinutes(30)), fired, now))
                .containsExactly(TEN);
        assertThat(due(Misfire.last().within(Duration.ofMinutes(29)), fired, now)).isEmpty();
    }

    @Test
    void all_makes_each_that_was_missed_in_order() {
        Instant fired = TEN.minusSeconds(3 * 3600);
        Instant now = TEN.plusSeconds(1800);

        assertThat(due(Misfire.all(10), fired, now))
                .containsExactly(TEN.minusSeconds(7200), TEN.minusSeconds(3600), TEN);
        assertThat(due(Misfire.all(2), fired, now)).containsExactly(TEN.minusSeconds(3600), TEN);
        assertThat(due(Misfire.all(10).within(Duration.ofHours(1)), fired, now))
                .containsExactly(TEN);
    }

    @Test
    void years_without_a_scheduler_cost_no_more_than_the_runs_that_are_made() {
        Cron cron = Cron.of("* * * * * *");

        assertThat(Misfire.all(3).due(cron, Instant.EPOCH, TEN))
                .containsExactly(TEN.minusSeconds(2), TEN.minusSeconds(1), TEN);
        assertThat(Misfire.last().due(cron, Instant.MIN, TEN)).containsExactly(TEN);
        assertThat(Misfire.skip().within(Misfire.EVER).due(cron, Instant.EPOCH, TEN))
                .hasSize(Misfire.RUNS_MAX)
                .endsWith(TEN);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void what_is_due_are_runs_between_the_last_and_now_that_are_not_too_late(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            Timetable timetable =
                    random.nextBoolean()
                            ? Every.of(Duration.ofMillis(random.nextLong(1, 900_000)))
                            : Cron.of("0,7 */3 * * *").zone("Europe/Berlin");
            Instant fired = Instant.parse("2027-03-27T00:00:00Z");
            Instant now = fired.plusMillis(random.nextLong(200_000_000));
            Duration late = Duration.ofMillis(random.nextLong(300_000_000));
            int most = random.nextInt(1, 20);

            List<Instant> all = new ArrayList<>();
            Instant tooLate = now.minus(late);
            Instant from = tooLate.isAfter(fired) ? tooLate.minusNanos(1) : fired;
            for (Instant run = timetable.next(from); !run.isAfter(now); run = timetable.next(run)) {
                all.add(run);
                if (all.size() > most) {
                    all.removeFirst();
                }
            }

            assertThat(new Misfire.All(most, late).due(timetable, fired, now))
                    .as("seed %d: %s, %s", seed, timetable, now)
                    .isEqualTo(all);
            assertThat(new Misfire.Last(late).due(timetable, fired, now))
                    .isEqualTo(all.isEmpty() ? List.of() : List.of(all.getLast()));
        }
    }

    @Test
    void what_is_no_policy_is_refused() {
        assertThatThrownBy(() -> Misfire.all(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 to 1000 runs are made at once, not 0");
        assertThatThrownBy(() -> Misfire.all(1001)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Misfire.last().within(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("How late a run may start is zero or more, not PT-0.000000001S");
    }

    private static List<Instant> due(Misfire policy, Instant fired, Instant now) {
        return policy.due(HOURLY, fired, now);
    }
}
