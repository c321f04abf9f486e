package io.millstream.jobs.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// A fixed rate: a first run, and then one whenever the same time has passed again. Counted from
/// the first run, not from the one before, so that nothing adds up; time zones do not matter.
///
/// `Every.of(Duration.ofHours(24))` is not "daily": where clocks change, its time of day does, too.
/// That is what [Cron] is for.
///
/// @param period between two runs, whole milliseconds, from 1 to those of 100 years
/// @param first the first run, whole milliseconds, in the years 1 to 9999
public record Every(Duration period, Instant first) implements Timetable {
    private static final Duration PERIOD_MIN = Duration.ofMillis(1);
    private static final Duration PERIOD_MAX = Duration.ofDays(36_525);

    /// Checks both.
    public Every {
        if (period.compareTo(PERIOD_MIN) < 0
                || period.compareTo(PERIOD_MAX) > 0
                || !period.equals(period.truncatedTo(ChronoUnit.MILLIS))) {
            throw new IllegalArgumentException(
                    "A period is a whole number of milliseconds from %s to %s, not %s"
                            .formatted(PERIOD_MIN, PERIOD_MAX, period));
        }
        if (first.isBefore(Cron.BEGIN)
                || !first.isBefore(Cron.END)
                || !first.equals(first.truncatedTo(ChronoUnit.MILLIS))) {
            throw new IllegalArgumentException(
                    "The first run is at a whole millisecond from %s and before %s, not at %s"
                            .formatted(Cron.BEGIN, Cron.END, first));
        }
    }

    /// Counted from 1970-01-01T00:00Z: an hour is each full one, seven days are each Thursday.
    public static Every of(Duration period) {
        return new Every(period, Instant.EPOCH);
    }

    /// With the first run here, cut to milliseconds.
    public Every from(Instant first) {
        return new Every(period, first.truncatedTo(ChronoUnit.MILLIS));
    }

    @Override
    public Instant next(Instant after) {
        if (after.isBefore(first)) {
            return first;
        }
        if (!after.isBefore(Cron.END)) {
            return NEVER;
        }
        long gone = Duration.between(first, after).toMillis() / period.toMillis();
        Instant next = first.plusMillis((gone + 1) * period.toMillis());
        return next.isBefore(Cron.END) ? next : NEVER;
    }
}
