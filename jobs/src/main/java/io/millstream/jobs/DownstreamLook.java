package io.millstream.jobs;

import java.time.Duration;

/// How something that jobs depend on has been lately, as the workers of this process saw it.
///
/// @param name what it is called
/// @param state whether jobs that depend on it begin here
/// @param failures how many of the last jobs failed by it
/// @param ends how many of the last jobs are counted, [#ENDS_MAX] at most; fewer since it last
///   changed its state
/// @param most how many of these jobs are done at once at most, [Integer#MAX_VALUE] for as many as
///   there are places
/// @param pause how long none of them begins yet, zero if they do
public record DownstreamLook(
        String name, State state, int failures, int ends, int most, Duration pause) {

    /// How many of the last jobs count.
    public static final int ENDS_MAX = 20;

    /// How many of those have to fail before no more begin.
    public static final int FAILURES_MAX = 10;

    /// Whether jobs begin.
    public enum State {
        /// As usual.
        WELL,
        /// None does: they wait in their queues and use no attempts.
        FAILING,
        /// A few do, and more as long as these go well.
        RETURNING
    }
}
