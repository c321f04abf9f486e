package io.millstream.jobs.schedule;

import java.util.EnumMap;
import java.util.Map;

/// What one field of a cron says. Filled by its [FieldReader] and not changed afterwards.
final class FieldTerms {
    private final Map<Kind, Long> bits = new EnumMap<>(Kind.class);
    private boolean isAny;
    private boolean hasStep;

    /// How a field names values, with one bit for each.
    enum Kind {
        /// As they are.
        VALUE,
        /// Days of the month, counted back from the last, which is 0.
        BEFORE_LAST,
        /// The weekdays nearest to these days of the month.
        WEEKDAY_NEAR,
        /// The weekdays nearest to these days of the month, counted back from the last, which is 0.
        WEEKDAY_NEAR_BEFORE_LAST,
        /// The last Sunday, 0, or another day of the week, of the month.
        LAST,
        /// The first to fifth Sunday and so on of the month: seven times the count, from 0, and the
        /// day of the week.
        COUNTED
    }

    void add(Kind kind, int value) {
        bits.merge(kind, 1L << value, (some, more) -> some | more);
    }

    void addRange(int from, int to, int step) {
        for (int value = from; value <= to; value += step) {
            add(Kind.VALUE, value);
        }
    }

    void any() {
        isAny = true;
    }

    void step() {
        hasStep = true;
    }

    /// Whether it is `*` or `?`.
    boolean isAny() {
        return isAny;
    }

    /// Whether it is `*`, has a step, or names all these values.
    boolean isSteady(int from, int to) {
        return isAny || hasStep || Long.bitCount(values()) == to - from + 1;
    }

    boolean has(int value) {
        return (values() >>> value & 1) != 0;
    }

    long values() {
        return bits(Kind.VALUE);
    }

    /// A bit for each value that is named in this way.
    long bits(Kind kind) {
        return bits.getOrDefault(kind, 0L);
    }
}
