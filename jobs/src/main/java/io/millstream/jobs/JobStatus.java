package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// Where a job is, as of when it was asked for.
public sealed interface JobStatus {

    /// It waits for a worker; [Jobs#why] says why none has it.
    ///
    /// @param queue where
    /// @param deliveries how often a worker had it already
    record Waiting(String queue, int deliveries) implements JobStatus {}

    /// It waits for its time: it was submitted for later, is put off, or is tried again then.
    ///
    /// @param queue where, or where to
    /// @param until by the backend's clock
    /// @param deliveries how often a worker had it already
    record Delayed(String queue, Instant until, int deliveries) implements JobStatus {}

    /// A worker has it.
    ///
    /// @param queue of which queue
    /// @param deliveries how often a worker had it, this time included
    /// @param by what its workers are called, or null if that is not known, because it began within
    ///   the last seconds or is done by another kind of consumer
    record Running(String queue, int deliveries, @Nullable String by) implements JobStatus {}

    /// It has ended.
    ///
    /// @param state how
    /// @param reason why, if it was not done; may be empty
    record Ended(JobState state, String reason) implements JobStatus {}

    /// There is no such job, or it has ended and how it did is not kept.
    record Unknown() implements JobStatus {}
}
