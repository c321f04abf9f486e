package io.millstream.jobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/// Crons of any kind on days of any kind, against a slow look at each day and each second.
class CronDaysOracleTest {
    private static final LocalDate EARLIEST = LocalDate.of(1582, 1, 1);
    private static final int DAYS = 1_000_000;
    private static final int DAYS_SEARCHED = 41 * 366;
    private static final int SECONDS = 24 * 3600;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void the_runs_of_the_next_day_that_matches_come_next_however_far_it_is(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            RandomCron drawn = RandomCron.any(random);
            LocalDate day = EARLIEST.plusDays(random.nextInt(DAYS));
            Optional<LocalDate> next =
                    IntStream.rangeClosed(1, DAYS_SEARCHED)
                            .mapToObj(day::plusDays)
                            .filter(drawn.days())
                            .findFirst();
            if (next.isEmpty()) {
                assertThatThrownBy(() -> Cron.of(drawn.text()))
                        .as("seed %d: %s", seed, drawn.text())
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("can never run");
                continue;
            }
            Instant after = day.atTime(LocalTime.MAX).toInstant(ZoneOffset.UTC);
            List<Instant> runs = runs(drawn, next.get());

            assertThat(Cron.of(drawn.text()).preview(after, runs.size()))
                    .as("seed %d: %s after %s", seed, drawn.text(), after)
                    .isEqualTo(runs);
        }
    }

    private static List<Instant> runs(RandomCron drawn, LocalDate day) {
        return IntStream.range(0, SECONDS)
                .mapToObj(LocalTime::ofSecondOfDay)
                .filter(drawn.times())
                .limit(Timetable.PREVIEW_RUNS_MAX)
                .map(time -> day.atTime(time).toInstant(ZoneOffset.UTC))
                .toList();
    }
}
