package io.millstream.jobs;

/// Does jobs of one type and says how each attempt ended. Called by several threads at once.
///
/// @param <P> what a job is given
/// @param <R> what it returns
@FunctionalInterface
public interface JobDecider<P, R> {

    /// Does one, see [JobHandler#handle].
    ///
    /// @throws Exception if this attempt failed; the job's [Retry] says what becomes of it
    JobOutcome<R> decide(P payload, JobContext context) throws Exception;
}
