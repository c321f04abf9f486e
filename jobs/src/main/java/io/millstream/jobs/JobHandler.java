package io.millstream.jobs;

/// Does jobs of one type. Called by several threads at once.
///
/// @param <P> what a job is given
/// @param <R> what it returns
@FunctionalInterface
public interface JobHandler<P, R> {

    /// Does one. May be called again for the same job: when it throws, when its worker dies, and
    /// when what it returned could not be stored in time.
    ///
    /// @throws Exception if this attempt failed; the job's [Retry] says what becomes of it
    R handle(P payload, JobContext context) throws Exception;
}
