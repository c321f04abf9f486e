package io.millstream.engine.state;

import io.millstream.api.Limit;
import io.millstream.api.Rate;

/// How often something may begin: the generic cell rate algorithm. All that is remembered is one
/// time for each thing, in nanoseconds since 1970: when the next one would begin if all of them
/// were spread evenly. It may begin earlier by as much as the burst lasts.
final class Pace {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private Pace() {}

    /// How many may begin of which so many are leased, under a limit.
    static int left(Limit limit, int leased, long next, long now) {
        Rate rate = limit.rate();
        int left = rate == null ? Integer.MAX_VALUE : allowed(rate, next, now);
        return limit.concurrency() == 0 ? left : Math.min(left, limit.concurrency() - leased);
    }

    /// How many may begin at `now`, in milliseconds since 1970.
    static int allowed(Rate rate, long next, long now) {
        long nanos = now * NANOS_PER_MILLI;
        long early = nanos + ahead(rate) - Math.max(next, nanos);
        return early < 0 ? 0 : (int) Math.min(rate.burst(), early / rate.intervalNanos() + 1);
    }

    /// What is to be remembered when one begins at `now`.
    static long started(Rate rate, long next, long now) {
        return Math.max(next, now * NANOS_PER_MILLI) + rate.intervalNanos();
    }

    /// When one may begin, in milliseconds since 1970.
    static long opens(Rate rate, long next) {
        return Math.ceilDiv(next - ahead(rate), NANOS_PER_MILLI);
    }

    /// Whether what is remembered makes no difference any more.
    static boolean isPast(long next, long now) {
        return next <= now * NANOS_PER_MILLI;
    }

    private static long ahead(Rate rate) {
        return (rate.burst() - 1) * rate.intervalNanos();
    }
}
