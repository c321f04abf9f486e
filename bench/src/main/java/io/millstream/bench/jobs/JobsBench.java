package io.millstream.bench.jobs;

import com.github.kagkarlsson.scheduler.Scheduler;

import io.millstream.bench.Arguments;
import io.millstream.bench.Figures;
import io.millstream.bench.Jvm;
import io.millstream.bench.Scratch;
import io.millstream.bench.engine.DiskProbe;

import org.HdrHistogram.Histogram;
import org.jobrunr.configuration.JobRunr;
import org.quartz.Job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// Jobs: how fast they are enqueued and done, by us and by the peers; what limits and finished jobs
/// cost us.
public final class JobsBench {
    private static final double PROBE_SECONDS = 1;

    /// What a [Work] is as JSON, about.
    private static final int BYTES = 110;

    private final Path data;
    private final String mode;
    private final String peers;
    private final String kind;
    private final double seconds;
    private final int rounds;
    private final List<Integer> workers;
    private final int keys;
    private final long finished;
    private final Histogram probe = Figures.latencies();

    /// A benchmark of what `arguments` choose.
    public JobsBench(Arguments arguments) {
        this.data = arguments.data().resolve("jobs").toAbsolutePath();
        this.mode = arguments.text("mode", "all");
        this.peers = arguments.text("peers", "all");
        this.kind = arguments.text("kind", "");
        this.seconds = arguments.seconds(10);
        this.rounds = arguments.number("rounds", 3);
        this.workers = arguments.numbers("workers", "16,64");
        this.keys = arguments.number("keys", 1_000_000);
        this.finished = arguments.number("finished", 10_000_000);
        if (!List.of("all", "flow", "limits", "retained").contains(mode)) {
            throw new IllegalArgumentException(
                    "--mode is flow, limits, retained or all, not " + mode);
        }
        if (!List.of("all", "postgres", "h2", "none").contains(peers)) {
            throw new IllegalArgumentException(
                    "--peers are postgres, h2, all or none, not " + peers);
        }
    }

    /// Runs and prints.
    public void run() throws Exception {
        Scratch.delete(data);
        Files.createDirectories(data);
        int most = workers.stream().mapToInt(Integer::intValue).max().orElse(1);
        try {
            System.out.println("## Jobs\n");
            probe();
            if (isAsked("flow")) {
                flow();
            }
            if (isAsked("limits")) {
                new LimitsBench(data, seconds, rounds, most, keys).run(System.out);
            }
            if (isAsked("retained")) {
                retained(new RetainedBench(data, seconds, most, finished));
            }
            probe();
            System.out.printf(
                    "Probe of the disk with frames of 4 KB, before, between and after: p50 %s ms,"
                            + " p99 %s ms, max %s ms.%n",
                    Figures.millis(probe, 50),
                    Figures.millis(probe, 99),
                    Figures.millis(probe, 100));
        } finally {
            Scratch.delete(data);
        }
    }

    private void retained(RetainedBench bench) throws Exception {
        bench.run(System.out);
        if (peers.equals("all") || peers.equals("postgres")) {
            bench.runJobRunr(System.out);
        }
    }

    private boolean isAsked(String part) {
        return mode.equals("all") || mode.equals(part);
    }

    private void flow() throws Exception {
        System.out.printf(
                "Every job is given the same %d bytes of JSON, or what its library makes of them,"
                        + " and its handler does nothing. Each figure is the median of %d rounds of"
                        + " %.1f s, in which all take turns, each alone on the machine with as many"
                        + " workers. Done is counted when the handler has run; a worker settles its"
                        + " job before it takes another.%n%n"
                        + "Millstream answers when it is synced, and settles each job by a commit"
                        + " of its own. Tracked means that each step of each job is told to a topic"
                        + " that keeps 256 MB. The server and this program have the options `%s`,"
                        + " each worker process `%s`.%n%n",
                BYTES, rounds, seconds / rounds, Jvm.options(), WorkerProcess.OPTIONS);
        if (!peers.equals("none")) {
            describePeers();
        }
        List<Entrant> entrants =
                Entrant.chosen(peers).stream()
                        .filter(entrant -> entrant.name().contains(kind))
                        .toList();
        FlowBench bench = new FlowBench(data, seconds, rounds, workers, entrants);
        bench.run(this::probe);
        bench.print(System.out);
    }

    private void describePeers() throws Exception {
        System.out.printf("- JobRunr %s: %s.%n", version(JobRunr.class), JobRunrPeer.SETTINGS);
        System.out.printf(
                "- db-scheduler %s: %s.%n", version(Scheduler.class), DbSchedulerPeer.SETTINGS);
        System.out.printf("- Quartz %s: %s.%n", version(Job.class), QuartzPeer.SETTINGS);
        if (!peers.equals("h2")) {
            try (Postgres postgres = Postgres.open(data, 1)) {
                System.out.printf("- %s%n", Postgres.describe(postgres.pool()));
            }
        }
        if (!peers.equals("postgres")) {
            System.out.printf(
                    "- H2 %s, in this process, in a file: it has what is committed in the file"
                            + " within half a second and never syncs it, so it promises less than"
                            + " all others.%n",
                    version(org.h2.Driver.class));
        }
        System.out.println();
    }

    /// As the jar of a class is called.
    private static String version(Class<?> type) {
        String jar =
                Objects.requireNonNull(type.getProtectionDomain())
                        .getCodeSource()
                        .getLocation()
                        .getPath();
        return jar.replaceAll(".*-([0-9.]+)\\.jar", "$1");
    }

    private void probe() throws IOException {
        try (DiskProbe disk = new DiskProbe(data.resolve("probe"))) {
            probe.add(disk.block(PROBE_SECONDS));
        }
    }
}
