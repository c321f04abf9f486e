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

    /// When a wait that begins now is over: never early, so a part of a millisecond counts as one.
    ///
    /// @param now in milliseconds since 1970, as is the answer
    /// @param wait none if it is negative
    public static long after(long now, Duration wait) {
        if (wait.isNegative()) {
            return now;
        }
        return wait.toSeconds() > SECONDS_MAX
                ? now + SECONDS_MAX * 1000
                : now + wait.plusNanos(999_999).toMillis();
    }
}
