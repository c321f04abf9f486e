package io.millstream.api;

import java.time.Duration;

/// How often something may begin: so many times in a period, spread evenly, with so many at once
/// after a pause (a token bucket, kept as GCRA: one number for each thing that is limited).
///
/// In any stretch of time of length `t` at most `burst + permits * t / per` begin.
///
/// @param permits how many in each period, 1 to 1,000,000,000
/// @param per the period, a millisecond to 366 days; at most one permit in a nanosecond
/// @param burst how many may begin at once if none has for long enough, 1 or more
public record Rate(int permits, Duration per, int burst) {
    private static final int PERMITS_MAX = 1_000_000_000;
    private static final Duration PER_MIN = Duration.ofMillis(1);
    private static final Duration PER_MAX = Duration.ofDays(366);

    /// Refuses rates that cannot be kept to.
    public Rate {
        if (permits < 1
                || permits > PERMITS_MAX
                || burst < 1
                || per.compareTo(PER_MIN) < 0
                || per.compareTo(PER_MAX) > 0
                || permits > per.toNanos()
                || burst > PER_MAX.toNanos() / interval(per, permits)) {
            throw new IllegalArgumentException(
                    "A rate is 1 or more permits in a millisecond to 366 days, at most one in a"
                            + " nanosecond, with a burst of 1 or more that lasts no longer than 366"
                            + " days, not %d in %s with a burst of %d"
                                    .formatted(permits, per, burst));
        }
    }

    /// So many in each period, all of which may begin at once.
    public static Rate of(int permits, Duration per) {
        return new Rate(permits, per, permits);
    }

    /// The same with so many at once.
    public Rate withBurst(int burst) {
        return new Rate(permits, per, burst);
    }

    /// How far apart they are when they are spread evenly, in whole nanoseconds: rather a little
    /// too far than too many.
    public long intervalNanos() {
        return interval(per, permits);
    }

    private static long interval(Duration per, int permits) {
        return Math.ceilDiv(per.toNanos(), permits);
    }
}
