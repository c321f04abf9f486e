package io.millstream.bench.jobs;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.util.List;

/// What keeps jobs and has them done: one of those that are compared. Except for [#enqueue] and
/// [#enqueueAll] its methods are for one thread.
interface Contender extends AutoCloseable {

    /// Begins anew: nothing waits, and its workers are not at work.
    void begin() throws Exception;

    /// Submits a job. Returns when it is kept, as safely as this one keeps jobs.
    void enqueue(Work work) throws Exception;

    /// Submits many jobs, in the way that is meant for it.
    void enqueueAll(List<Work> work) throws Exception;

    /// Lets its workers work. Returns when they are there, or soon will be.
    void startWorkers() throws Exception;

    /// Stops them.
    void stopWorkers() throws Exception;

    /// How many jobs its workers have done since it was opened.
    long done();

    /// How long after they were due jobs began, in microseconds, of those since it was last asked.
    Histogram starts() throws Exception;

    /// All processes that take part, this one and those of its databases and servers.
    List<ProcessHandle> processes();

    @Override
    void close() throws IOException;
}
