package io.millstream.bench.jobs;

import io.millstream.Millstream;
import io.millstream.bench.Figures;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Millstream as a server: jobs are enqueued by this process, and done by others.
final class OverHttp implements Contender {
    private final Path data;
    private final int processes;
    private final int workers;
    private final Server server;
    private final Ours ours;
    private final List<WorkerProcess> running = new ArrayList<>();

    /// What processes did that have ended.
    private long doneBefore;

    /// @param processes how many worker processes
    /// @param workers how many jobs at once in all of them together
    OverHttp(Path data, Setting setting, int processes, int workers) throws IOException {
        this.data = data;
        this.processes = processes;
        this.workers = workers;
        this.server = new Server(data);
        this.ours = new Ours(Millstream.open(server.address()), setting);
    }

    @Override
    public void begin() throws IOException {
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
    public void startWorkers() throws IOException, InterruptedException {
        int each = Math.max(1, workers / processes);
        for (int i = 0; i < processes; i++) {
            Path log = data.resolve("worker-%d.txt".formatted(i));
            running.add(new WorkerProcess(server.address(), ours.queue(), each, log));
        }
        for (WorkerProcess process : running) {
            process.awaitReady();
        }
    }

    @Override
    public void stopWorkers() throws IOException {
        for (WorkerProcess process : running) {
            process.close();
        }
        doneBefore += doneByRunning();
        running.clear();
    }

    private long doneByRunning() {
        return running.stream().mapToLong(WorkerProcess::done).sum();
    }

    @Override
    public long done() {
        return doneBefore + doneByRunning();
    }

    @Override
    public Histogram starts() throws IOException, InterruptedException {
        Histogram all = Figures.latencies();
        for (WorkerProcess process : running) {
            all.add(process.starts());
        }
        return all;
    }

    @Override
    public List<ProcessHandle> processes() {
        Stream<ProcessHandle> always = Stream.of(ProcessHandle.current(), server.handle());
        return Stream.concat(always, running.stream().map(WorkerProcess::handle)).toList();
    }

    @Override
    public void close() throws IOException {
        stopWorkers();
        ours.close();
        server.close();
    }
}
