package io.millstream.jobs.schedule;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// A cron that is drawn together with what it means, said in another way than by the code under
/// test: questions that are asked of each day and of each second.
///
/// @param text the cron
/// @param days whether it is about a day
/// @param times whether it is about a time of day
/// @param isSteady whether minute or hour has a step or is about all values
/// @param hasSeconds whether it has six fields
record RandomCron(
        String text,
        Predicate<LocalDate> days,
        Predicate<LocalTime> times,
        boolean isSteady,
        boolean hasSeconds) {
    private static final String[] MONTHS = {
        "JAN", "feb", "Mar", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"
    };
    private static final String[] DAYS = {"SUN", "mon", "Tue", "WED", "THU", "FRI", "SAT"};

    /// A field of a time, as it is written and as it is meant.
    private record Field(String text, IntPredicate has, boolean isSteady) {}

    /// The same of days.
    private record Days(String text, Predicate<LocalDate> has) {
        boolean isAny() {
            return text.equals("*") || text.equals("?");
        }
    }

    /// Any that can be drawn.
    static RandomCron any(Random random) {
        return of(random, field(random, 0, 23), random.nextInt(4) == 0, true);
    }

    /// One that is about times near to this one, mostly on any day.
    static RandomCron near(Random random, LocalDateTime time, boolean hasSeconds) {
        return of(random, hoursNear(random, time.getHour()), hasSeconds, random.nextInt(4) == 0);
    }

    boolean shows(LocalDateTime time) {
        return times.test(time.toLocalTime()) && days.test(time.toLocalDate());
    }

    private static RandomCron of(Random random, Field hours, boolean hasSeconds, boolean hasDays) {
        Field seconds = hasSeconds ? field(random, 0, 59) : new Field("", s -> s == 0, false);
        Field minutes = field(random, 0, 59);
        Field months = hasDays ? months(random) : new Field("*", _ -> true, false);
        Days ofMonth = hasDays ? daysOfMonth(random) : anyDay(random);
        Days ofWeek = hasDays ? daysOfWeek(random) : anyDay(random);
        String text =
                String.join(
                        random.nextInt(5) == 0 ? "  " : " ",
                        minutes.text,
                        hours.text,
                        ofMonth.text,
                        months.text,
                        ofWeek.text);
        Predicate<LocalDate> days =
                ofMonth.isAny() || ofWeek.isAny()
                        ? ofMonth.has.and(ofWeek.has)
                        : ofMonth.has.or(ofWeek.has);
        return new RandomCron(
                hasSeconds ? seconds.text + " " + text : text,
                days.and(day -> months.has.test(day.getMonthValue())),
                time ->
                        seconds.has.test(time.getSecond())
                                && minutes.has.test(time.getMinute())
                                && hours.has.test(time.getHour()),
                minutes.isSteady || hours.isSteady,
                hasSeconds);
    }

    private static Days anyDay(Random random) {
        return new Days(random.nextBoolean() ? "*" : "?", _ -> true);
    }

    private static Field hoursNear(Random random, int hour) {
        if (random.nextInt(3) == 0) {
            return field(random, 0, 23);
        }
        List<Integer> hours = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            hours.add(Math.floorMod(hour + random.nextInt(-2, 4), 24));
        }
        return new Field(
                String.join(",", hours.stream().map(String::valueOf).toList()),
                hours::contains,
                false);
    }

    private static Field field(Random random, int min, int max) {
        if (random.nextInt(4) == 0) {
            return new Field("*", _ -> true, true);
        }
        List<Field> terms = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            terms.add(term(random, min, max));
        }
        IntPredicate has = value -> terms.stream().anyMatch(term -> term.has.test(value));
        boolean isSteady =
                terms.stream().anyMatch(Field::isSteady)
                        || IntStream.rangeClosed(min, max).allMatch(has);
        return new Field(String.join(",", terms.stream().map(Field::text).toList()), has, isSteady);
    }

    private static Field term(Random random, int min, int max) {
        int from = random.nextInt(min, max + 1);
        int to = random.nextInt(from, max + 1);
        int step = random.nextInt(1, max - min + 1);
        return switch (random.nextInt(6)) {
            case 0 -> new Field(from + "-" + to, v -> v >= from && v <= to, false);
            case 1 ->
                    new Field(
                            from + "-" + to + "/" + step,
                            v -> v >= from && v <= to && (v - from) % step == 0,
                            true);
            case 2 -> new Field("*/" + step, v -> (v - min) % step == 0, true);
            case 3 -> new Field(from + "/" + step, v -> v >= from && (v - from) % step == 0, true);
            default -> new Field("" + from, v -> v == from, false);
        };
    }

    private static Field months(Random random) {
        int month = random.nextInt(1, 13);
        return switch (random.nextInt(4)) {
            case 0 -> new Field(MONTHS[month - 1], v -> v == month, false);
            case 1 ->
                    new Field(
                            MONTHS[month - 1] + "-" + MONTHS[11].toLowerCase(Locale.ROOT),
                            v -> v >= month,
                            false);
            default -> field(random, 1, 12);
        };
    }

    private static Days daysOfMonth(Random random) {
        int number = random.nextInt(1, 32);
        int before = random.nextInt(1, 31);
        return switch (random.nextInt(9)) {
            case 0 -> new Days("L", day -> day.getDayOfMonth() == day.lengthOfMonth());
            case 1 ->
                    new Days(
                            "L-" + before,
                            day -> day.getDayOfMonth() == day.lengthOfMonth() - before);
            case 2 -> new Days(number + "W", day -> isNearest(day, number));
            case 3 -> new Days("lw", day -> isNearest(day, day.lengthOfMonth()));
            case 4 ->
                    new Days(
                            "15,L-" + before + "w",
                            day ->
                                    day.getDayOfMonth() == 15
                                            || isNearest(day, day.lengthOfMonth() - before));
            case 5, 6 -> anyDay(random);
            default -> {
                Field field = field(random, 1, 31);
                yield new Days(field.text, day -> field.has.test(day.getDayOfMonth()));
            }
        };
    }

    /// Whether no other weekday of its month is nearer to the one with this number.
    private static boolean isNearest(LocalDate day, int number) {
        return number >= 1
                && number <= day.lengthOfMonth()
                && IntStream.rangeClosed(1, day.lengthOfMonth())
                        .mapToObj(day::withDayOfMonth)
                        .filter(one -> one.getDayOfWeek().compareTo(DayOfWeek.SATURDAY) < 0)
                        .min(Comparator.comparingInt(one -> Math.abs(one.getDayOfMonth() - number)))
                        .orElseThrow()
                        .equals(day);
    }

    private static Days daysOfWeek(Random random) {
        int number = random.nextInt(0, 8);
        DayOfWeek weekday = DayOfWeek.of(number == 0 ? 7 : number);
        int count = random.nextInt(1, 6);
        String written = random.nextBoolean() ? "" + number : DAYS[number % 7];
        return switch (random.nextInt(7)) {
            case 0 -> new Days(written, day -> day.getDayOfWeek() == weekday);
            case 1 ->
                    new Days(
                            written + "L",
                            day -> day.equals(day.with(TemporalAdjusters.lastInMonth(weekday))));
            case 2 ->
                    new Days(
                            written + "#" + count,
                            day ->
                                    day.getDayOfWeek() == weekday
                                            && day.get(ChronoField.ALIGNED_WEEK_OF_MONTH) == count);
            case 3 ->
                    new Days(
                            written + "-SUN",
                            day ->
                                    number % 7 == 0
                                            ? day.getDayOfWeek() == DayOfWeek.SUNDAY
                                            : day.getDayOfWeek().getValue() >= number);
            case 4, 5 -> anyDay(random);
            default -> {
                Field field = field(random, 0, 6);
                yield new Days(
                        field.text, day -> field.has.test(day.getDayOfWeek().getValue() % 7));
            }
        };
    }
}
