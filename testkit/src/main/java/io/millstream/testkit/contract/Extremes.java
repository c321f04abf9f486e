package io.millstream.testkit.contract;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Values that somebody may send who means no good, or has made a mistake.
final class Extremes {
    /// Longer than any name.
    static final String OVERLONG = "x".repeat(300);

    /// Three bytes for each character.
    static final String HUGE = "\uffff".repeat(100_000);

    static final List<String> TEXTS =
            List.of(
                    "",
                    "\0",
                    "m",
                    "mail",
                    "/",
                    "*",
                    "#",
                    "1.2.3",
                    "-1",
                    "9".repeat(30),
                    "\ud800",
                    OVERLONG,
                    HUGE);

    static final List<Integer> INTS = List.of(Integer.MIN_VALUE, -1, 0, 1, 1000, Integer.MAX_VALUE);

    static final List<Long> LONGS =
            List.of(Long.MIN_VALUE, -1L, 0L, 1L, 1L << 31, 1L << 62, Long.MAX_VALUE);

    static final List<Duration> DURATIONS =
            List.of(
                    Duration.ofSeconds(Long.MIN_VALUE),
                    Duration.ofMillis(-1),
                    Duration.ZERO,
                    Duration.ofNanos(1),
                    Duration.ofMillis(1),
                    Duration.ofDays(36_500),
                    Duration.ofMillis(Long.MAX_VALUE),
                    Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));

    static final List<Instant> INSTANTS =
            List.of(
                    Instant.MIN,
                    Instant.ofEpochMilli(Long.MIN_VALUE),
                    Instant.ofEpochMilli(-1),
                    Instant.EPOCH,
                    Instant.ofEpochMilli(Long.MAX_VALUE),
                    Instant.MAX);

    private Extremes() {}

    static <T> List<@Nullable T> andNull(List<T> values) {
        List<@Nullable T> all = new ArrayList<>(values);
        all.add(null);
        return all;
    }
}
