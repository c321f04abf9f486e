package io.millstream.server.client;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Times as they are typed and shown: `90s`, `1h30m`, `PT90S`; `2026-01-31T12:00:00Z`.
final class Times {
    /// More than anybody waits; keeps sums of times inside what can be told.
    private static final Duration LENGTH_MAX = Duration.ofDays(36_500);

    private static final Pattern PARTS = Pattern.compile("(?:\\d{1,12}(?:ms|s|m|h|d))+");
    private static final Pattern PART = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");

    private Times() {}

    /// A length of time, zero or more.
    static Duration length(String what, String text) {
        Duration length = read(text);
        if (length == null || length.isNegative() || length.compareTo(LENGTH_MAX) > 0) {
            throw Typed.wrong(
                    what,
                    text,
                    "Give a time with its unit (ms, s, m, h, d), such as 90s or 1h30m.");
        }
        return length;
    }

    private static @Nullable Duration read(String text) {
        try {
            if (text.startsWith("P")) {
                return Duration.parse(text);
            }
            if (!PARTS.matcher(text).matches()) {
                return null;
            }
            Duration sum = Duration.ZERO;
            Matcher part = PART.matcher(text);
            while (part.find()) {
                sum = sum.plus(Long.parseLong(part.group(1)), unit(part.group(2)));
            }
            return sum;
        } catch (DateTimeException | ArithmeticException _) {
            return null;
        }
    }

    private static ChronoUnit unit(String name) {
        return switch (name) {
            case "ms" -> ChronoUnit.MILLIS;
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            default -> ChronoUnit.DAYS;
        };
    }

    /// A moment, or how long ago one was.
    static Instant moment(String what, String text) {
        Duration ago = read(text);
        if (ago != null && !ago.isNegative() && ago.compareTo(LENGTH_MAX) <= 0) {
            return Instant.now().minus(ago).truncatedTo(ChronoUnit.MILLIS);
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException _) {
            throw Typed.wrong(
                    what,
                    text,
                    "Give a time such as 2026-01-31T12:00:00Z, or how long ago it was, such as"
                            + " 90s or 1h30m.");
        }
    }

    /// A moment for people.
    static String shown(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// A length of time for people, as it could be typed.
    static String shown(Duration length) {
        StringBuilder text = new StringBuilder();
        add(text, length.toDays(), "d");
        add(text, length.toHoursPart(), "h");
        add(text, length.toMinutesPart(), "m");
        add(text, length.toSecondsPart(), "s");
        add(text, length.toMillisPart(), "ms");
        return text.isEmpty() ? "0s" : text.toString();
    }

    private static void add(StringBuilder text, long number, String unit) {
        if (number != 0) {
            text.append(number).append(unit);
        }
    }
}
