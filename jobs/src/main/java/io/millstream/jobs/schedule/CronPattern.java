package io.millstream.jobs.schedule;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// Which seconds of a calendar without time zones a cron is about. What is called a local second
/// here is one of the clock on the wall, counted from 1970-01-01T00:00:00 on that clock.
///
/// Equal if it names the same seconds and is steady alike.
final class CronPattern {
    private static final int SECONDS_PER_DAY = 24 * 3600;

    private final long seconds;
    private final long minutes;
    private final long hours;
    private final CronDays days;
    private final boolean isSteady;

    /// @param seconds a bit for each second of a minute, not 0; likewise `minutes`, `hours`
    /// @param days which days
    /// @param isSteady see [Cron#isSteady]
    CronPattern(long seconds, long minutes, long hours, CronDays days, boolean isSteady) {
        this.seconds = seconds;
        this.minutes = minutes;
        this.hours = hours;
        this.days = days;
        this.isSteady = isSteady;
    }

    boolean isSteady() {
        return isSteady;
    }

    /// The first local second from this one on, itself included.
    long next(long localSecond) {
        long day = Math.floorDiv(localSecond, SECONDS_PER_DAY);
        if (days.has(day)) {
            int second = nextOfDay(Math.floorMod(localSecond, SECONDS_PER_DAY));
            if (second >= 0) {
                return day * SECONDS_PER_DAY + second;
            }
        }
        return days.next(day + 1) * SECONDS_PER_DAY + secondOfDay(first(hours));
    }

    /// The first second of a day from this one on, or -1.
    private int nextOfDay(int secondOfDay) {
        int hour = secondOfDay / 3600;
        int minute = secondOfDay / 60 % 60;
        if (next(hours, hour) == hour) {
            if (next(minutes, minute) == minute) {
                int second = next(seconds, secondOfDay % 60);
                if (second >= 0) {
                    return secondOfDay(hour, minute, second);
                }
            }
            int laterMinute = next(minutes, minute + 1);
            if (laterMinute >= 0) {
                return secondOfDay(hour, laterMinute, first(seconds));
            }
        }
        int laterHour = next(hours, hour + 1);
        return laterHour < 0 ? -1 : secondOfDay(laterHour);
    }

    private int secondOfDay(int hour) {
        return secondOfDay(hour, first(minutes), first(seconds));
    }

    private static int secondOfDay(int hour, int minute, int second) {
        return (hour * 60 + minute) * 60 + second;
    }

    private static int first(long bits) {
        return Long.numberOfTrailingZeros(bits);
    }

    /// The first bit from this one on, or -1.
    private static int next(long bits, int from) {
        long rest = bits >>> from;
        return rest == 0 ? -1 : from + Long.numberOfTrailingZeros(rest);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CronPattern pattern
                && seconds == pattern.seconds
                && minutes == pattern.minutes
                && hours == pattern.hours
                && days.equals(pattern.days)
                && isSteady == pattern.isSteady;
    }

    @Override
    public int hashCode() {
        return Objects.hash(seconds, minutes, hours, days, isSteady);
    }
}
