package io.millstream.jobs.schedule;

import java.util.List;

/// The fields of a cron.
enum CronField {
    SECOND("second", 0, 59),
    MINUTE("minute", 0, 59),
    HOUR("hour", 0, 23),
    DAY_OF_MONTH("day of month", 1, 31),
    MONTH("month", 1, 12),
    DAY_OF_WEEK("day of week", 0, 6);

    private static final List<String> MONTHS =
            List.of(
                    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV",
                    "DEC");
    private static final List<String> DAYS =
            List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    private final String words;
    private final int min;
    private final int max;

    CronField(String words, int min, int max) {
        this.words = words;
        this.min = min;
        this.max = max;
    }

    /// What it is called.
    String words() {
        return words;
    }

    int min() {
        return min;
    }

    /// The largest value that means something else than all others: 6 of the days of the week.
    int max() {
        return max;
    }

    /// The largest value that may be written: 7 of the days of the week.
    int maxWritten() {
        return this == DAY_OF_WEEK ? 7 : max;
    }

    boolean isDay() {
        return this == DAY_OF_MONTH || this == DAY_OF_WEEK;
    }

    /// Those of its values from the smallest on, or none.
    List<String> names() {
        return switch (this) {
            case MONTH -> MONTHS;
            case DAY_OF_WEEK -> DAYS;
            case SECOND, MINUTE, HOUR, DAY_OF_MONTH -> List.of();
        };
    }

    /// The value of a name in capitals, or -1.
    int named(String name) {
        int index = names().indexOf(name);
        return index < 0 ? -1 : index + min;
    }

    /// The name of a value of a field that has names.
    String name(int value) {
        return names().get((value - min) % names().size());
    }

    /// Which values it takes, as in "1 to 12 or JAN to DEC".
    String range() {
        String numbers = min + " to " + maxWritten();
        return names().isEmpty()
                ? numbers
                : "%s or %s to %s".formatted(numbers, names().getFirst(), names().getLast());
    }
}
