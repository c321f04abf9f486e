package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Limit;
import io.millstream.api.Rate;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What begins keeps to its rate, and is not held up longer than that.
class PaceTest {
    private static final long NOW = 1_800_000_000_000L;

    @Test
    void a_burst_may_begin_at_once_and_then_one_in_each_interval() {
        Rate rate = new Rate(10, Duration.ofSeconds(1), 3);
        long next = 0;
        for (int i = 0; i < 3; i++) {
            assertThat(Pace.allowed(rate, next, NOW)).isEqualTo(3 - i);
            next = Pace.started(rate, next, NOW);
        }

        assertThat(Pace.allowed(rate, next, NOW)).isZero();
        assertThat(Pace.opens(rate, next)).isEqualTo(NOW + 100);
        assertThat(Pace.allowed(rate, next, NOW + 99)).isZero();
        assertThat(Pace.allowed(rate, next, NOW + 100)).isOne();
        assertThat(Pace.allowed(rate, next, NOW + 250)).isEqualTo(2);
        assertThat(Pace.allowed(rate, next, NOW + 10_000)).isEqualTo(3);
        assertThat(Pace.isPast(next, NOW + 299)).isFalse();
        assertThat(Pace.isPast(next, NOW + 300)).isTrue();
    }

    @Test
    void slots_and_permits_hold_together() {
        Limit limit = new Limit(2, Rate.of(1, Duration.ofSeconds(1)));
        assertThat(Pace.left(limit, 0, 0, NOW)).isOne();
        assertThat(Pace.left(limit, 2, 0, NOW)).isZero();
        assertThat(Pace.left(Limit.concurrency(2), 5, 0, NOW)).isNegative();
        assertThat(Pace.left(Limit.NONE, 5, 0, NOW)).isEqualTo(Integer.MAX_VALUE);
    }

    /// In no stretch of time begin more than the burst and what the rate gives in it; and nobody
    /// waits longer than that takes.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void whoever_begins_whenever_allowed_uses_exactly_what_the_rate_gives(int seed) {
        Random random = new Random(seed);
        Rate rate =
                new Rate(
                        1 + random.nextInt(50),
                        Duration.ofMillis(1 + random.nextInt(2000)),
                        1 + random.nextInt(20));
        List<Long> began = new ArrayList<>();
        long next = 0;
        long now = NOW;
        for (int i = 0; i < 2000; i++) {
            if (Pace.allowed(rate, next, now) > 0) {
                next = Pace.started(rate, next, now);
                began.add(now);
            } else {
                assertThat(Pace.opens(rate, next)).isGreaterThan(now);
                now = random.nextBoolean() ? Pace.opens(rate, next) : now + random.nextInt(50);
            }
        }
        for (int i = 0; i < began.size(); i++) {
            for (int j = i; j < Math.min(began.size(), i + 100); j++) {
                long nanos = (began.get(j) - began.get(i)) * 1_000_000;
                assertThat(j - i + 1L)
                        .isLessThanOrEqualTo(rate.burst() + nanos / rate.intervalNanos());
            }
        }
    }
}
