package io.millstream.jobs;

/// What came of cancelling a job.
public sealed interface Cancellation {

    /// It has ended as [JobState#CANCELLED]: it is done by nobody any more, and whoever awaits it
    /// has been told.
    ///
    /// @param wasRunning whether a worker had it. That one is told; what its handler comes to all
    ///   the same is dropped, and what it wanted done besides does not happen
    record Cancelled(boolean wasRunning) implements Cancellation {}

    /// It had ended before.
    ///
    /// @param state how
    record Ended(JobState state) implements Cancellation {}

    /// There is no such job, or it has ended and how it did is not kept.
    record Unknown() implements Cancellation {}
}
