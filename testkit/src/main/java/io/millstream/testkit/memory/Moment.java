package io.millstream.testkit.memory;

import java.time.Duration;
import java.time.Instant;

/// One moment by both clocks.
///
/// @param nanos the time that has passed since the backend was made; what is due when goes by it
/// @param wall the time of day, which people are shown
record Moment(long nanos, Instant wall) {

    /// A century stands for ever: what waits longer by itself, such as a row, ends with it.
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /// The moment when `length` has passed.
    Moment plus(Duration length) {
        Duration bounded = length.compareTo(LONGEST) > 0 ? LONGEST : length;
        return new Moment(nanos + bounded.toNanos(), wall.plus(bounded));
    }

    boolean isBefore(Moment other) {
        return nanos < other.nanos;
    }
}
