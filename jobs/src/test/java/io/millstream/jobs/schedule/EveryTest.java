package io.millstream.jobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;

/// Fixed rates.
class EveryTest {
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

    @Test
    void it_counts_from_the_beginning_of_1970_unless_told_otherwise() {
        assertThat(Every.of(Duration.ofHours(1)).next(NOON.plusSeconds(1)))
                .isEqualTo(NOON.plusSeconds(3600));
    }

    @Test
    void the_first_run_is_where_it_begins_and_all_others_are_counted_from_there() {
        Every every = Every.of(Duration.ofMinutes(7)).from(NOON);

        assertThat(every.preview(Instant.MIN, 3))
                .containsExactly(NOON, NOON.plusSeconds(420), NOON.plusSeconds(840));
        assertThat(every.next(NOON)).isEqualTo(NOON.plusSeconds(420));
        assertThat(every.next(NOON.plusNanos(1))).isEqualTo(NOON.plusSeconds(420));
        assertThat(every.next(NOON.plusSeconds(420).minusNanos(1)))
                .isEqualTo(NOON.plusSeconds(420));
        assertThat(every.next(NOON.minusNanos(1))).isEqualTo(NOON);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void the_next_run_is_after_and_nothing_is_between(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            Duration period = Duration.ofMillis(random.nextLong(1, 1L << random.nextInt(1, 41)));
            Every every = Every.of(period).from(NOON.plusMillis(random.nextLong(1L << 40)));
            Instant after = every.first().plusNanos(random.nextLong(1L << 60));

            Instant next = every.next(after);

            assertThat(next).as("seed %d: %s after %s", seed, every, after).isAfter(after);
            assertThat(next.minus(period)).isBeforeOrEqualTo(after);
            assertThat(Duration.between(every.first(), next).toMillis() % period.toMillis())
                    .isZero();
            assertThat(every.last(every.first(), next)).contains(next);
        }
    }

    @Test
    void it_ends_with_the_calendar() {
        Every every = Every.of(Duration.ofDays(1));

        assertThat(every.next(Instant.MAX)).isEqualTo(Timetable.NEVER);
        assertThat(every.next(Instant.parse("9999-12-30T00:00:00Z"))).isEqualTo(Timetable.NEVER);
        assertThat(every.preview(Instant.parse("9999-12-29T00:00:00Z"), 5))
                .containsExactly(Instant.parse("9999-12-30T00:00:00Z"));
    }

    @Test
    void what_is_no_rate_is_refused() {
        assertThatThrownBy(() -> Every.of(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "A period is a whole number of milliseconds from PT0.001S to PT876600H, not"
                                + " PT0S");
        assertThatThrownBy(() -> Every.of(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Every.of(Duration.ofNanos(1_500_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Every.of(Duration.ofSeconds(Long.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Every.of(Duration.ofDays(1)).from(Instant.MAX))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "The first run is at a whole millisecond from 0001-01-01T00:00:00Z and"
                                + " before 9999-12-31T00:00:00Z, not at +1000000000");
    }
}
