package io.millstream.api;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/// How long a message waits after a lease of it ended by itself: longer each time.
///
/// @param first the wait after the first attempt, in whole milliseconds
/// @param factor by which it grows with each further attempt, 1 to 100
/// @param most the longest wait, in whole milliseconds
public record BackOff(Duration first, double factor, Duration most) {
    private static final double FACTOR_MAX = 100;
    private static final Duration FIRST_MIN = Duration.ofMillis(1);

    /// Refuses waits of no length and factors that make them shorter.
    public BackOff {
        if (first.compareTo(FIRST_MIN) < 0
                || most.compareTo(first) < 0
                || most.compareTo(Definition.Queue.TIME_MAX) > 0
                || !(factor >= 1 && factor <= FACTOR_MAX)) {
            throw new IllegalArgumentException(
                    "A back-off begins with a millisecond or more, grows by 1 to 100 and ends at a"
                            + " wait that is no shorter than the first and 36500 days at most, not "
                            + "%s, %s and %s".formatted(first, factor, most));
        }
        first = first.truncatedTo(ChronoUnit.MILLIS);
        most = most.truncatedTo(ChronoUnit.MILLIS);
    }

    /// How long to wait after so many attempts, 1 or more.
    public Duration after(int attempts) {
        double millis = first.toMillis() * Math.pow(factor, Math.max(0, attempts - 1));
        return millis >= most.toMillis() ? most : Duration.ofMillis((long) millis);
    }
}
