package io.millstream.bench.jobs;

import io.millstream.Millstream;
import io.millstream.bench.Scratch;
import io.millstream.jobs.Workers;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Millstream in this process, on a directory of its own, which is removed afterwards.
final class InProcess implements Contender {
    private final Path directory;
    private final int workers;
    private final long doneBefore = Tally.done();
    private final Ours ours;
    private @Nullable Workers running;

    InProcess(Path data, Setting setting, int workers) throws IOException {
        this.directory = data.resolve("in-process");
        this.workers = workers;
        Scratch.delete(directory);
        this.ours = new Ours(Millstream.open(directory), setting);
    }

    /// Where its files are.
    Path directory() {
        return directory;
    }

    @Override
    public void begin() {
        stopWorkers();
        ours.begin();
    }

    @Override
    public void enqueue(Work work) {
        ours.enqueue(work);
    }

    @Override
    public void enqueueAll(List<Work> work) {
        ours.enqueueAll(work);
    }

    @Override
    public void startWorkers() {
        running = ours.work(workers);
    }

    @Override
    public void stopWorkers() {
        if (running != null) {
            running.close();
            running = null;
        }
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
        return List.of(ProcessHandle.current());
    }

    @Override
    public void close() throws IOException {
        stopWorkers();
        ours.close();
        Scratch.delete(directory);
    }
}
