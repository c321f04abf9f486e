package io.millstream.jobs.schedule;

import org.jspecify.annotations.Nullable;

import java.time.LocalDate;
import java.util.Arrays;

/// Which days a cron is about. Months differ only in their number, their length and the weekday
/// that they begin with: for each such month there is one word with a bit for each of its days, so
/// that years are searched month by month, and those are equal that mean the same days.
final class CronDays {
    private static final int WEEKDAYS = 7;
    private static final int LENGTH_MIN = 28;
    private static final int LENGTH_MAX = 31;

    // [month - 1][length - 28][ISO weekday of the first - 1], bit 0 is the first of the month.
    private final int[][][] months = new int[12][LENGTH_MAX - LENGTH_MIN + 1][WEEKDAYS];

    /// @param dayOfMonth what its field says, see [FieldTerms]
    /// @param month likewise
    /// @param dayOfWeek likewise
    CronDays(FieldTerms dayOfMonth, FieldTerms month, FieldTerms dayOfWeek) {
        for (int number = 1; number <= months.length; number++) {
            int longest = longest(number);
            int shortest = number == 2 ? LENGTH_MIN : longest;
            for (int length = shortest; length <= longest && month.has(number); length++) {
                for (int first = 0; first < WEEKDAYS; first++) {
                    months[number - 1][length - LENGTH_MIN][first] =
                            days(dayOfMonth, dayOfWeek, length, first);
                }
            }
        }
    }

    private static int longest(int month) {
        return switch (month) {
            case 2 -> LENGTH_MIN + 1;
            case 4, 6, 9, 11 -> LENGTH_MAX - 1;
            default -> LENGTH_MAX;
        };
    }

    private static int days(
            FieldTerms dayOfMonth, FieldTerms dayOfWeek, int length, int firstWeekday) {
        int all = (int) ((1L << length) - 1);
        if (dayOfMonth.isAny() && dayOfWeek.isAny()) {
            return all;
        }
        int days = 0;
        if (!dayOfMonth.isAny()) {
            days |= daysOfMonth(dayOfMonth, length, firstWeekday);
        }
        if (!dayOfWeek.isAny()) {
            days |= daysOfWeek(dayOfWeek, length, firstWeekday);
        }
        return days & all;
    }

    private static int daysOfMonth(FieldTerms terms, int length, int firstWeekday) {
        long named = terms.values();
        long beforeLast = terms.bits(FieldTerms.Kind.BEFORE_LAST);
        long near = terms.bits(FieldTerms.Kind.WEEKDAY_NEAR);
        long nearBeforeLast = terms.bits(FieldTerms.Kind.WEEKDAY_NEAR_BEFORE_LAST);
        int days = 0;
        for (int day = 1; day <= length; day++) {
            if (has(named, day) || has(beforeLast, length - day)) {
                days |= bit(day);
            }
            if (has(near, day) || has(nearBeforeLast, length - day)) {
                days |= bit(nearestWeekday(day, length, firstWeekday));
            }
        }
        return days;
    }

    /// Never in another month.
    private static int nearestWeekday(int day, int length, int firstWeekday) {
        return switch ((firstWeekday + day - 1) % WEEKDAYS) {
            case 5 -> day == 1 ? day + 2 : day - 1;
            case 6 -> day == length ? day - 2 : day + 1;
            default -> day;
        };
    }

    private static int daysOfWeek(FieldTerms terms, int length, int firstWeekday) {
        long named = terms.values();
        long last = terms.bits(FieldTerms.Kind.LAST);
        long counted = terms.bits(FieldTerms.Kind.COUNTED);
        int days = 0;
        for (int day = 1; day <= length; day++) {
            // Sunday is 0 in a cron.
            int weekday = (firstWeekday + day) % WEEKDAYS;
            int before = (day - 1) / WEEKDAYS;
            boolean isLast = day + WEEKDAYS > length;
            if (has(named, weekday)
                    || (isLast && has(last, weekday))
                    || has(counted, before * WEEKDAYS + weekday)) {
                days |= bit(day);
            }
        }
        return days;
    }

    private static boolean has(long bits, int value) {
        return (bits >>> value & 1) != 0;
    }

    private static int bit(int day) {
        return 1 << (day - 1);
    }

    /// Whether there is no such day in any year.
    boolean isEmpty() {
        return Arrays.stream(months)
                .flatMap(Arrays::stream)
                .flatMapToInt(Arrays::stream)
                .allMatch(days -> days == 0);
    }

    /// Whether the day that many days after 1970-01-01 is one.
    boolean has(long epochDay) {
        LocalDate date = LocalDate.ofEpochDay(epochDay);
        return (of(date.withDayOfMonth(1)) & bit(date.getDayOfMonth())) != 0;
    }

    /// The first one from that many days after 1970-01-01 on, itself included. There is one within
    /// 40 years, as it is not empty.
    long next(long epochDay) {
        LocalDate date = LocalDate.ofEpochDay(epochDay);
        LocalDate first = date.withDayOfMonth(1);
        int days = of(first) & -bit(date.getDayOfMonth());
        while (days == 0) {
            first = first.plusMonths(1);
            days = of(first);
        }
        return first.toEpochDay() + Integer.numberOfTrailingZeros(days);
    }

    private int of(LocalDate first) {
        return months[first.getMonthValue() - 1][first.lengthOfMonth() - LENGTH_MIN][
                first.getDayOfWeek().getValue() - 1];
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CronDays days && Arrays.deepEquals(months, days.months);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(months);
    }
}
