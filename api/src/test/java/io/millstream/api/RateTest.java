package io.millstream.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;

/// A rate gives no more than it says.
class RateTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 999_999, 1_000_000, 600_000_000, 1_000_000_000})
    void permits_that_do_not_divide_the_period_are_rather_too_few(int permits) {
        Duration second = Duration.ofSeconds(1);

        long interval = new Rate(permits, second, 1).intervalNanos();

        assertThat(interval * permits).isGreaterThanOrEqualTo(second.toNanos());
        assertThat((interval - 1) * permits).isLessThan(second.toNanos());
    }
}
