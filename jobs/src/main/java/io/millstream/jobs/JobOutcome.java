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

    /// It failed, as if the handler had thrown: it is tried again as its type's [Retry] says, or,
    /// in a queue that is not one of jobs, as the queue declares it.
    ///
    /// @param reason in words, without what is different each time, such as a time: jobs that died
    ///   of the same reason are grouped by it
    /// @param log more words, kept with the job if it dies of this; may be empty. Its end is kept
    ///   if it is long
    record Failed<R>(String reason, String log) implements JobOutcome<R> {}

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

    /// It failed, as if the handler had thrown.
    static <R> JobOutcome<R> failed(String reason, String log) {
        return new Failed<>(reason, log);
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
