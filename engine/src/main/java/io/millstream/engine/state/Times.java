package io.millstream.engine.state;

import java.time.Duration;
import java.time.Instant;

/// Times and durations in milliseconds, as far as they go: what callers say for "always" or "for
/// ever" must not overflow in the loop, which would end the engine.
public final class Times {
    private static final long SECONDS_MAX = Long.MAX_VALUE / 4 / 1000;

    private Times() {}

    /// Since 1970.
    public static long millis(Instant time) {
        long seconds = Math.clamp(time.getEpochSecond(), -SECONDS_MAX, SECONDS_MAX);
        return seconds == time.getEpochSecond() ? time.toEpochMilli() : seconds * 1000;
    }

    /// The parts of a millisecond do not count.
    public static long millis(Duration duration) {
        long seconds = Math.clamp(duration.toSeconds(), -SECONDS_MAX, SECONDS_MAX);
        return seconds == duration.toSeconds() ? duration.toMillis() : seconds * 1000;
    }
}
