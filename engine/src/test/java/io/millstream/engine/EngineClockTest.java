package io.millstream.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.engine.io.TimeSource;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Time passes evenly whatever the wall clock does.
class EngineClockTest {
    private static final long HOUR = 3_600_000;

    private long wall = 1_000_000;
    private long nanos = 77;
    private final List<Long> jumps = new ArrayList<>();
    private final TimeSource time =
            new TimeSource() {
                @Override
                public long wallMillis() {
                    return wall;
                }

                @Override
                public long nanos() {
                    return nanos;
                }
            };
    private final EngineClock clock = new EngineClock(time, 0, jumps::add);

    private void pass(long millis) {
        wall += millis;
        nanos += millis * 1_000_000;
    }

    @Test
    void it_starts_at_the_wall_clock_and_passes_with_it() {
        pass(1234);

        assertThat(clock.now()).isEqualTo(1_001_234);
        assertThat(jumps).isEmpty();
    }

    @Test
    void it_never_starts_before_what_was_recorded() {
        assertThat(new EngineClock(time, 5_000_000, jumps::add).now()).isEqualTo(5_000_000);
    }

    @Test
    void a_jump_of_the_wall_clock_is_reported_once_and_made_up_slowly() {
        wall += HOUR;
        pass(10_000);
        long first = clock.now();
        pass(10_000);
        long second = clock.now();

        assertThat(first).isEqualTo(1_000_000 + 10_000 + 5);
        assertThat(second - first).isEqualTo(10_005);
        assertThat(jumps).hasSize(1).first().isEqualTo(HOUR);
    }

    @Test
    void it_never_goes_back() {
        wall -= HOUR;
        long before = clock.now();
        pass(1);

        assertThat(clock.now()).isGreaterThanOrEqualTo(before);
        assertThat(jumps).hasSize(1);
    }
}
