package io.millstream.testkit.simulation;

/// When something happened, in milliseconds by the engine's clock, as far as it is known.
///
/// @param from not before
/// @param until not after
record Span(long from, long until) {
    static Span at(long time) {
        return new Span(time, time);
    }

    Span plus(long millis) {
        return new Span(from + millis, until + millis);
    }

    boolean isKnown() {
        return from == until;
    }

    boolean holds(long time) {
        return from <= time && time <= until;
    }

    /// The part of it that is not before `time`.
    Span notBefore(long time) {
        return new Span(Math.max(from, time), Math.max(until, time));
    }
}
