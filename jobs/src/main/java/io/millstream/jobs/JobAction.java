package io.millstream.jobs;

/// Does jobs that return nothing. Called by several threads at once.
///
/// @param <P> what a job is given
@FunctionalInterface
public interface JobAction<P> {

    /// Does one, see [JobHandler#handle].
    ///
    /// @throws Exception if this attempt failed; the job's [Retry] says what becomes of it
    void run(P payload, JobContext context) throws Exception;
}
