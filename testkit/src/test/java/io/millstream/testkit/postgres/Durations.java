package io.millstream.testkit.postgres;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/// Times as the tables have them.
final class Durations {

    private Durations() {}

    /// Whole milliseconds, never too few: nothing ends early.
    static long millis(Duration time) {
        Duration whole = time.truncatedTo(ChronoUnit.MILLIS);
        return whole.equals(time) ? whole.toMillis() : whole.toMillis() + 1;
    }
}
