package io.millstream.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

class ManualClockTest {

    private final ManualClock clock = new ManualClock();

    @Test
    void it_stands_still() {
        assertThat(clock.now()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(clock.nanos()).isEqualTo(clock.nanos());
    }

    @Test
    void advancing_moves_both_clocks() {
        long nanos = clock.nanos();
        clock.advance(Duration.ofMillis(1500));

        assertThat(clock.wallMillis()).isEqualTo(ManualClock.START.toEpochMilli() + 1500);
        assertThat(clock.nanos() - nanos).isEqualTo(1_500_000_000L);
    }

    @Test
    void a_jump_moves_the_wall_clock_only() {
        long nanos = clock.nanos();
        clock.jumpWall(Duration.ofHours(-1));

        assertThat(clock.now()).isEqualTo(ManualClock.START.minusSeconds(3600));
        assertThat(clock.nanos()).isEqualTo(nanos);
    }

    @Test
    void listeners_see_the_time_after_each_move() {
        List<Instant> seen = new ArrayList<>();
        clock.onMoved(() -> seen.add(clock.now()));
        clock.advance(Duration.ofSeconds(1));
        clock.jumpWall(Duration.ofSeconds(1));

        assertThat(seen)
                .containsExactly(
                        ManualClock.START.plusSeconds(1), ManualClock.START.plusSeconds(2));
    }

    @Test
    void time_does_not_pass_backwards() {
        assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
