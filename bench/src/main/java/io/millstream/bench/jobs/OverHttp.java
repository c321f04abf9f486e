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
    private final Server server;
    private final Ours ours;
    private final List<WorkerProcess> processes = new ArrayList<>();
    private boolean isWorking;

    /// @param processes how many worker processes
    /// @param workers how many jobs at once in all of them together
    OverHttp(Path data, Setting setting, int processes, int workers) throws IOException {
        this.server = new Server(data);
        this.ours = new Ours(Millstream.open(server.address()), setting);
        int each = Math.max(1, workers / processes);
        for (int i = 0; i < processes; i++) {
            Path log = data.resolve("worker-%d.txt".formatted(i));
            this.processes.add(new WorkerProcess(server.address(), each, log));
        }
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
    public void startWorkers() throws IOException {
        isWorking = true;
        for (WorkerProcess process : processes) {
            process.work(ours.queue());
        }
        awaitAll();
    }

    @Override
    public void stopWorkers() throws IOException {
        if (isWorking) {
            isWorking = false;
            for (WorkerProcess process : processes) {
                process.rest();
            }
            awaitAll();
        }
    }

    private void awaitAll() throws IOException {
        for (WorkerProcess process : processes) {
            var _ = process.await();
        }
    }

    @Override
    public long done() {
        return processes.stream().mapToLong(WorkerProcess::done).sum();
    }

    @Override
    public Histogram starts() throws IOException {
        Histogram all = Figures.latencies();
        for (WorkerProcess process : processes) {
            all.add(process.starts());
        }
        return all;
    }

    @Override
    public List<ProcessHandle> processes() {
        Stream<ProcessHandle> always = Stream.of(ProcessHandle.current(), server.handle());
        return Stream.concat(always, processes.stream().map(WorkerProcess::handle)).toList();
    }

    /// Ends all of them, whatever comes of each.
    @Override
    public void close() throws IOException {
        try (server;
                ours) {
            for (WorkerProcess process : processes) {
                process.close();
            }
        }
    }
}
