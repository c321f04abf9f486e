package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.time.Duration;

/// How many places workers have, on a clock that is moved by hand.
class PlacesTest {
    private static final Duration STEP = Duration.ofMillis(100);

    private long now;
    private final Places places = new Places(new Places.Bounds(4, 64), () -> now);

    /// As many jobs as there are places, and more that wait.
    private void flood() throws InterruptedException {
        int free = places.awaitFree(Integer.MAX_VALUE);
        for (int i = 0; i < free; i++) {
            places.begin();
        }
        places.answered(free, free);
    }

    private void end(int jobs) {
        for (int i = 0; i < jobs; i++) {
            places.end();
        }
    }

    private void idle(Duration time) throws InterruptedException {
        for (Duration passed = Duration.ZERO;
                passed.compareTo(time) < 0;
                passed = passed.plus(Places.SHRINKS)) {
            now += Places.SHRINKS.toNanos();
            places.answered(places.awaitFree(Integer.MAX_VALUE), 0);
        }
    }

    @Test
    void a_flood_has_64_places_within_10_seconds() throws Exception {
        Duration passed = Duration.ZERO;
        flood();
        assertThat(places.size()).isEqualTo(4);
        while (places.size() < 64) {
            now += Places.GROWS.toNanos();
            passed = passed.plus(Places.GROWS);
            flood();
        }
        assertThat(passed).isLessThan(Duration.ofSeconds(10)).isGreaterThan(Duration.ofSeconds(2));
    }

    @Test
    void after_half_a_minute_without_jobs_they_are_as_few_as_at_first() throws Exception {
        growTo(64);
        end(64);

        idle(Duration.ofSeconds(10));
        assertThat(places.size()).isBetween(5, 63);
        idle(Duration.ofSeconds(20));

        assertThat(places.size()).isEqualTo(4);
    }

    private void growTo(int size) throws InterruptedException {
        flood();
        while (places.size() < size) {
            now += Places.GROWS.toNanos();
            flood();
        }
    }

    @Test
    void a_steady_load_neither_grows_nor_shrinks_them() throws Exception {
        growTo(40);
        int size = places.size();
        end(size);
        for (int i = 0; i < 1000; i++) {
            int load = size * 3 / 4;
            int free = places.awaitFree(Integer.MAX_VALUE);
            for (int job = 0; job < load; job++) {
                places.begin();
            }
            places.answered(free, load);
            now += STEP.toNanos();
            end(load);
        }
        assertThat(places.size()).isEqualTo(size);
    }

    @Test
    void where_no_more_wait_than_are_done_there_are_no_more_places() throws Exception {
        flood();
        end(1);
        int free = places.awaitFree(Integer.MAX_VALUE);
        places.answered(free, 0);
        places.begin();
        now += Places.GROWS.toNanos();
        end(1);

        assertThat(places.awaitFree(Integer.MAX_VALUE)).isEqualTo(1);
        assertThat(places.size()).isEqualTo(4);
    }

    @Test
    void what_is_done_goes_on_when_there_are_fewer_places_and_none_begins_until_one_is_free()
            throws Exception {
        places.resize(new Places.Bounds(8, 8));
        assertThat(places.size()).isEqualTo(8);
        assertThat(places.areAutomatic()).isFalse();
        flood();
        places.resize(new Places.Bounds(2, 2));
        assertThat(places.size()).isEqualTo(2);

        end(7);

        assertThat(places.awaitFree(100)).isEqualTo(1);
        places.awaitIdle(Duration.ofMillis(1));
        assertThat(places.awaitFree(100)).isEqualTo(1);
        end(1);
        places.awaitIdle(Duration.ofHours(1));
        assertThat(places.awaitFree(100)).isEqualTo(2);
    }

    @Test
    void bounds_that_make_no_sense_are_refused() {
        assertThatThrownBy(() -> new Places.Bounds(0, 0)).hasMessageContaining("not 0");
        assertThatThrownBy(() -> new Places.Bounds(5, 4)).hasMessageContaining("not 5 to 4");
    }
}
