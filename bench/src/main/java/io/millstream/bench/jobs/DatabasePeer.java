package io.millstream.bench.jobs;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/// A library that keeps its jobs in a database, and does them in this process.
abstract class DatabasePeer implements Contender {
    final Database database;
    final int workers;
    private final long doneBefore = Tally.done();

    /// @param workers how many jobs at once
    DatabasePeer(Database database, int workers) {
        this.database = database;
        this.workers = workers;
    }

    @Override
    public long done() {
        return Tally.done() - doneBefore;
    }

    @Override
    public Histogram starts() {
        return Tally.starts();
    }

    @Override
    public List<ProcessHandle> processes() {
        return Stream.concat(Stream.of(ProcessHandle.current()), database.processes().stream())
                .toList();
    }

    @Override
    public void close() throws IOException {
        try (database) {
            stopWorkers();
        } catch (Exception failed) {
            throw new IOException(failed);
        }
    }
}
