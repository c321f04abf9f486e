package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// How an attempt ended, for a handler that says more than a result.
///
/// @param <R> what the job returns
public sealed interface JobOutcome<R> {

    /// It is done.
    ///
    /// @param result what it returns, or null
    record Done<R>(@Nullable R result) implements JobOutcome<R> {}

    /// Not now: again after this time, as if this attempt had not been.
    ///
    /// @param delay zero or more
    record Snooze<R>(Duration delay) implements JobOutcome<R> {}

    /// It failed, and is tried again after this time if attempts are left.
    ///
    /// @param delay zero or more
    /// @param reason in words
    record Again<R>(Duration delay, String reason) implements JobOutcome<R> {}

    /// It will never succeed: to the dead set.
    ///
    /// @param reason in words
    record Dead<R>(String reason) implements JobOutcome<R> {}

    /// There is nothing to do any more: it ends, and nobody needs to look at it.
    ///
    /// @param reason in words
    record Discarded<R>(String reason) implements JobOutcome<R> {}

    /// It is done and returns this.
    static <R> JobOutcome<R> done(@Nullable R result) {
        return new Done<>(result);
    }

    /// Not now: again after this time, as if this attempt had not been.
    static <R> JobOutcome<R> snooze(Duration delay) {
        return new Snooze<>(delay);
    }

    /// It failed, and is tried again after this time if attempts are left.
    static <R> JobOutcome<R> again(Duration delay, String reason) {
        return new Again<>(delay, reason);
    }

    /// It will never succeed: to the dead set.
    static <R> JobOutcome<R> dead(String reason) {
        return new Dead<>(reason);
    }

    /// There is nothing to do any more.
    static <R> JobOutcome<R> discarded(String reason) {
        return new Discarded<>(reason);
    }
}
