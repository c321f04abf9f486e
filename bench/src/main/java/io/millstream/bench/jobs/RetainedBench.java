package io.millstream.bench.jobs;

import io.millstream.api.Retention;
import io.millstream.bench.Figures;
import io.millstream.bench.Scratch;
import io.millstream.bench.Table;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What it costs that finished jobs are retained: more and more of them, each of whose steps stays
/// in the topic that is told. db-scheduler and Quartz remove what is done; JobRunr keeps it as rows
/// of the table that it works with.
final class RetainedBench {
    private static final int STEPS = 10;
    private static final int CALLERS = 2;

    private final Path data;
    private final double seconds;
    private final int workers;
    private final long finished;

    /// @param seconds how long the times until jobs start are measured after each step
    /// @param workers how many jobs at once
    /// @param finished how many jobs are retained in the end
    RetainedBench(Path data, double seconds, int workers, long finished) {
        this.data = data;
        this.seconds = seconds;
        this.workers = workers;
        this.finished = finished;
    }

    void run(PrintStream out) throws Exception {
        Table table =
                new Table(
                        "finished and retained",
                        "jobs/s until there",
                        "then: start p50 ms",
                        "start p99 ms",
                        "at jobs/s",
                        "heap used",
                        "disk",
                        "CPU µs/job",
                        "cores taken by others");
        Setting setting = Setting.tracked("retained").tells(Retention.forever());
        try (InProcess contender = new InProcess(data, setting, workers)) {
            contender.begin();
            contender.startWorkers();
            for (int step = 1; step <= STEPS; step++) {
                row(table, contender, finished * step / STEPS);
            }
        }
        out.printf(
                "### Finished jobs retained, in process, tracked%n%n"
                        + "Enqueued 100 at a time by two callers, %d workers; between the steps an"
                        + " even rate, half of what the step had.%n%n%s%n",
                workers, table);
    }

    /// The peer that retains them. Its jobs are not done for this: one that was is copied.
    void runJobRunr(PrintStream out) throws Exception {
        Table table =
                new Table(
                        "finished and retained",
                        "jobs/s then",
                        "CPU µs/job",
                        "cores taken by others");
        Database database = Postgres.open(data, Database.connections(workers));
        try (JobRunrPeer peer = new JobRunrPeer(database, workers)) {
            peer.begin();
            var _ = flow(peer);
            row(table, peer, 0);
            System.err.printf("Copying %d finished jobs%n", finished);
            peer.retain(finished);
            row(table, peer, finished);
        }
        out.printf("### Finished jobs retained, JobRunr on PostgreSQL%n%n%s%n", table);
    }

    private void row(Table table, JobRunrPeer peer, long copied) throws Exception {
        long retained = copied + peer.done();
        Outcome outcome = flow(peer);
        table.row(
                retained,
                Figures.rate(outcome.perSecond()),
                "%.0f".formatted(outcome.processorMicros()),
                "%.2f".formatted(outcome.disturbance()));
    }

    private Outcome flow(JobRunrPeer peer) throws Exception {
        peer.startWorkers();
        Callers callers = new Callers(peer, CALLERS, Turn.FLOW_BULK);
        Outcome outcome = callers.flow(seconds, Turn.OUTSTANDING, 0);
        peer.stopWorkers();
        return outcome;
    }

    private void row(Table table, InProcess contender, long until) throws Exception {
        long jobs = until - contender.done();
        Callers callers = new Callers(contender, CALLERS, Turn.FLOW_BULK);
        Outcome step = callers.through(jobs, Turn.OUTSTANDING);
        double half = Math.max(1, step.perSecond() / 2);
        Outcome open = new Callers(contender, workers, 1).open(seconds, half);
        System.err.printf("%d finished: %s/s%n", until, Figures.rate(step.perSecond()));
        table.row(
                contender.done(),
                Figures.rate(step.perSecond()),
                Figures.millis(open.micros(), 50),
                Figures.millis(open.micros(), 99),
                Figures.rate(half),
                Figures.size(heap()),
                Figures.size(disk(contender.directory())),
                "%.0f".formatted(step.processorMicros()),
                "%.2f".formatted(step.disturbance()));
    }

    private static double heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static double disk(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            double bytes = 0;
            for (Path path : paths.filter(Files::isDirectory).toList()) {
                bytes += Scratch.size(path);
            }
            return bytes;
        }
    }
}
