package io.millstream.jobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/// Crons around every change of the clock that the database of time zones knows up to 2045, against
/// a slow look at each minute, or second, that calendars have there.
class CronChangesOracleTest {
    private static final Instant UNTIL = Instant.parse("2045-01-01T00:00:00Z");
    private static final Duration MARGIN = Duration.ofMinutes(100);
    private static final int SEEDS = 3;

    /// A plain build draws crons in one of these ways; a failure names it, and `-Dseed=N` repeats
    /// it.
    @Test
    void around_every_change_of_every_clock_no_run_is_missed_or_invented() {
        check(Integer.getInteger("seed", ThreadLocalRandom.current().nextInt(1, SEEDS + 1)));
    }

    @Tag("sim")
    @Test
    void around_every_change_of_every_clock_no_cron_misses_or_invents_a_run() {
        IntStream.rangeClosed(1, SEEDS).forEach(CronChangesOracleTest::check);
    }

    private static void check(int seed) {
        Random random = new Random(seed);
        int changes = 0;
        Set<ZoneRules> seen = new HashSet<>();
        for (String id : new TreeSet<>(ZoneId.getAvailableZoneIds())) {
            ZoneRules rules = ZoneId.of(id).getRules();
            if (seen.add(rules)) {
                changes += check(ZoneId.of(id), rules, random, seed);
            }
        }
        assertThat(changes).isGreaterThan(10_000);
    }

    private static int check(ZoneId zone, ZoneRules rules, Random random, int seed) {
        int changes = 0;
        ZoneOffsetTransition change = rules.nextTransition(Instant.parse("1800-01-01T00:00:00Z"));
        while (change != null && change.getInstant().isBefore(UNTIL)) {
            check(zone, change, random, seed);
            changes++;
            change = rules.nextTransition(change.getInstant());
        }
        return changes;
    }

    private static void check(ZoneId zone, ZoneOffsetTransition change, Random random, int seed) {
        RandomCron drawn =
                RandomCron.near(random, change.getDateTimeBefore(), random.nextInt(50) == 0);
        if (!canRun(drawn)) {
            return;
        }
        Cron cron =
                Cron.of(drawn.text())
                        .zone(zone)
                        .gap(anyOf(random, Cron.Gap.values()))
                        .overlap(anyOf(random, Cron.Overlap.values()));
        Duration margin = MARGIN.plus(change.getDuration().abs());
        Instant from = change.getInstant().minus(margin).minusMillis(random.nextInt(3_600_000));
        Instant until = change.getInstant().plus(margin);

        NavigableSet<Instant> expected = slowly(drawn, cron, change, from, until);

        assertThat(runs(cron, from, until))
                .as("seed %d: %s from %s to %s", seed, cron, from, until)
                .isEqualTo(List.copyOf(expected));
        for (int i = 0; i < 5; i++) {
            Instant after = from.plusMillis(random.nextLong(2 * margin.toMillis()));
            Instant first = expected.higher(after);
            if (first != null) {
                assertThat(cron.next(after))
                        .as("seed %d: %s after %s", seed, cron, after)
                        .isEqualTo(first);
            }
        }
        assertThat(cron.last(from, until).orElse(null))
                .as("seed %d: last of %s from %s to %s", seed, cron, from, until)
                .isEqualTo(expected.isEmpty() ? null : expected.last());
    }

    private static boolean canRun(RandomCron drawn) {
        try {
            Cron.of(drawn.text());
            return true;
        } catch (IllegalArgumentException never) {
            assertThat(never).hasMessageContaining("can never run");
            return false;
        }
    }

    private static <T> T anyOf(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }

    private static List<Instant> runs(Cron cron, Instant from, Instant until) {
        List<Instant> runs = new ArrayList<>();
        Instant run = cron.next(from);
        while (!run.isAfter(until)) {
            runs.add(run);
            run = cron.next(run);
        }
        return runs;
    }

    /// Looks at each local time that can be meant by a run of that span.
    private static NavigableSet<Instant> slowly(
            RandomCron drawn, Cron cron, ZoneOffsetTransition change, Instant from, Instant until) {
        Duration size = change.getDuration().abs();
        ChronoUnit unit = drawn.hasSeconds() ? ChronoUnit.SECONDS : ChronoUnit.MINUTES;
        LocalDateTime time = local(from, change).minus(size).truncatedTo(ChronoUnit.MINUTES);
        LocalDateTime end = local(until, change).plus(size);
        NavigableSet<Instant> runs = new TreeSet<>();
        while (!time.isAfter(end)) {
            if (drawn.shows(time)) {
                runs.addAll(instants(time, drawn.isSteady(), cron));
            }
            time = time.plus(1, unit);
        }
        return runs.headSet(until, true).tailSet(from, false);
    }

    private static LocalDateTime local(Instant instant, ZoneOffsetTransition change) {
        ZoneOffset offset =
                instant.isBefore(change.getInstant())
                        ? change.getOffsetBefore()
                        : change.getOffsetAfter();
        return LocalDateTime.ofInstant(instant, offset);
    }

    private static List<Instant> instants(LocalDateTime time, boolean isSteady, Cron cron) {
        ZoneRules rules = cron.zone().getRules();
        List<ZoneOffset> offsets = rules.getValidOffsets(time);
        if (offsets.isEmpty()) {
            ZoneOffsetTransition change = rules.getTransition(time);
            Instant shifted = time.toInstant(change.getOffsetBefore());
            return switch (isSteady ? Cron.Gap.SHIFT : cron.gap()) {
                case AT_END -> List.of(change.getInstant());
                case SKIP -> List.of();
                case SHIFT -> List.of(shifted);
            };
        }
        Instant first = time.toInstant(offsets.getFirst());
        Instant second = time.toInstant(offsets.getLast());
        return switch (isSteady ? Cron.Overlap.BOTH : cron.overlap()) {
            case FIRST -> List.of(first);
            case SECOND -> List.of(second);
            case BOTH -> List.of(first, second);
        };
    }
}
