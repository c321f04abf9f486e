package io.millstream.bench.engine;

import io.millstream.bench.Arguments;
import io.millstream.bench.Figures;
import io.millstream.bench.Table;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Publishes into the engine with so many outstanding and of such sizes, at the full rate and at
/// half of it, and probes the disk in between with frames as large as the engine's were.
public final class EngineBench {
    private static final int SLICES = 2;
    private static final double PROBE_PART = 0.1;
    private static final double PROBE_SECONDS_MIN = 0.5;
    private static final double WARM_UP_SECONDS = 5;
    private static final int GOAL_BYTES = 1024;
    private static final int GOAL_OUTSTANDING = 256;
    private static final double P99_OF_PROBE_MAX = 3;

    private final Path data;
    private final double seconds;
    private final List<Integer> sizes;
    private final List<Integer> outstanding;
    private final List<Load.Mode> modes;

    /// A benchmark of what `arguments` choose.
    public EngineBench(Arguments arguments) {
        this.data = arguments.data();
        this.seconds = arguments.seconds(10);
        this.sizes = arguments.numbers("bytes", "100,1024,16384");
        this.outstanding = arguments.numbers("outstanding", "1,64,256,1000");
        this.modes =
                switch (arguments.text("mode", "both")) {
                    case "keeping-up" -> List.of(Load.Mode.KEEPING_UP);
                    case "growing" -> List.of(Load.Mode.GROWING);
                    default -> List.of(Load.Mode.values());
                };
    }

    /// A load at the full rate, the same at half of it, and where a rate is to be reached, at half
    /// of that.
    private record Paces(Measured full, Measured half, @Nullable Measured halfGoal) {}

    /// Runs and prints.
    public void run() throws IOException {
        Files.createDirectories(data);
        try (DiskProbe probe = new DiskProbe(data.resolve("probe"))) {
            Histogram block = probe.block(Math.max(1, seconds / 4));
            System.out.println("## Engine in process\n");
            for (Load.Mode mode : modes) {
                List<Paces> all = new ArrayList<>();
                try (EngineRun warm = new EngineRun(data.resolve("engine"))) {
                    warmUp(warm, mode);
                    for (int bytes : sizes) {
                        for (int most : outstanding) {
                            all.add(paces(new Load(mode, most, bytes, 0), probe, warm));
                        }
                    }
                }
                print(mode, all);
            }
            probe.run(1, Math.max(1, seconds / 4), block);
            System.out.printf(
                    "Probe with frames of 4 KB, before and after: p50 %s ms, p99 %s ms, max %s"
                            + " ms.%n%n",
                    Figures.millis(block, 50),
                    Figures.millis(block, 99),
                    Figures.millis(block, 100));
        }
    }

    private static void warmUp(EngineRun engine, Load.Mode mode) {
        if (mode == Load.Mode.KEEPING_UP) {
            Load load = new Load(mode, GOAL_OUTSTANDING, GOAL_BYTES, 0);
            engine.run(load, WARM_UP_SECONDS, new Measured(load));
        }
    }

    private Paces paces(Load load, DiskProbe probe, EngineRun warm) throws IOException {
        Measured full = measure(load, probe, warm);
        Measured half = measure(load.paced(full.perSecond() / 2), probe, warm);
        boolean hasGoal = load.bytes() == GOAL_BYTES && load.outstanding() >= GOAL_OUTSTANDING;
        Load halfGoal = load.paced(goal(load.mode()) / 2);
        return new Paces(full, half, hasGoal ? measure(halfGoal, probe, warm) : null);
    }

    private static double goal(Load.Mode mode) {
        return mode == Load.Mode.KEEPING_UP ? 120_000 : 60_000;
    }

    private Measured measure(Load load, DiskProbe probe, EngineRun warm) throws IOException {
        Measured measured = new Measured(load);
        if (load.mode() == Load.Mode.KEEPING_UP) {
            slices(measured, probe, warm);
        } else {
            try (EngineRun fresh = new EngineRun(data.resolve("backlog"))) {
                slices(measured, probe, fresh);
            }
        }
        System.err.printf(
                "%s: %s msg/s, ack p50 %s, p99 %s ms; probe p99 %s ms, busy %s ms%n",
                load,
                Figures.rate(measured.perSecond()),
                Figures.millis(measured.acks(), 50),
                Figures.millis(measured.acks(), 99),
                Figures.millis(measured.probe(), 99),
                Figures.millis(measured.busyProbe(), 99));
        return measured;
    }

    private void slices(Measured measured, DiskProbe probe, EngineRun engine) throws IOException {
        double probing = Math.max(PROBE_SECONDS_MIN, seconds * PROBE_PART);
        for (int i = 0; i < SLICES; i++) {
            engine.run(measured.load(), seconds / SLICES, measured);
            probe.run(measured.frameBytes(), probing, measured.probe());
            probe.runBeside(
                    measured.frameBytes(),
                    measured.syncsPerSecond(),
                    measured.cores(),
                    2 * probing,
                    measured.busyProbe());
        }
    }

    private void print(Load.Mode mode, List<Paces> all) {
        System.out.println(
                mode == Load.Mode.KEEPING_UP
                        ? "### Consumers keeping up\n\nEach message is stored, leased to a"
                                + " consumer and settled in batches; all three are in the log. The"
                                + " rate is that of messages settled.\n"
                        : "### Backlog growing\n\nNobody consumes. Each run begins with an empty"
                                + " directory, so it also pays for filling the log's files with"
                                + " zeros, and what outlives the log is copied to segments"
                                + " meanwhile. It ends at "
                                + Figures.size(EngineRun.BACKLOG_BYTES_MAX)
                                + " at the latest.\n");
        System.out.println(rates(all));
        System.out.println(latencies(all));
        for (Paces one : all) {
            Measured halfGoal = one.halfGoal;
            if (halfGoal != null) {
                System.out.println(goals(one.full, one.half, halfGoal));
            }
        }
        System.out.flush();
    }

    private static Table rates(List<Paces> all) {
        Table table =
                new Table(
                        "body",
                        "outstanding",
                        "msg/s",
                        "MB/s",
                        "CPU µs/msg",
                        "syncs/s",
                        "mean sync ms",
                        "msg/frame",
                        "mean frame",
                        "disk bytes per body byte",
                        "messages");
        for (Paces one : all) {
            Measured full = one.full;
            table.row(
                    Figures.size(full.load().bytes()),
                    full.load().outstanding(),
                    Figures.rate(full.perSecond()),
                    "%.1f".formatted(full.perSecond() * full.load().bytes() / (1 << 20)),
                    "%.2f".formatted(full.processorMicros()),
                    Figures.rate(full.syncsPerSecond()),
                    Figures.millis(full.meanSyncMicros()),
                    "%.1f".formatted(full.perSecond() / full.syncsPerSecond()),
                    Figures.size(full.frameBytes()),
                    "%.2f".formatted(full.amplification()),
                    full.messages());
        }
        return table;
    }

    private static Table latencies(List<Paces> all) {
        Table table =
                new Table(
                        "body",
                        "outstanding",
                        "load",
                        "msg/s",
                        "ack p50 ms",
                        "p99 ms",
                        "max ms",
                        "cores",
                        "cores taken by others",
                        "frame",
                        "probe p50 ms",
                        "probe p99 ms",
                        "busy probe p50 ms",
                        "busy probe p99 ms",
                        "p50 / probe",
                        "p99 / probe",
                        "p99 / busy probe");
        for (Paces one : all) {
            latency(table, "full", one.full);
            latency(table, "half", one.half);
            Measured halfGoal = one.halfGoal;
            if (halfGoal != null) {
                latency(table, "half the goal", halfGoal);
            }
        }
        return table;
    }

    private static void latency(Table table, String name, Measured measured) {
        Histogram acks = measured.acks();
        Histogram probe = measured.probe();
        Histogram busy = measured.busyProbe();
        table.row(
                Figures.size(measured.load().bytes()),
                measured.load().outstanding(),
                name,
                Figures.rate(measured.perSecond()),
                Figures.millis(acks, 50),
                Figures.millis(acks, 99),
                Figures.millis(acks, 100),
                "%.2f".formatted(measured.cores()),
                "%.2f".formatted(measured.disturbance()),
                Figures.size(measured.frameBytes()),
                Figures.millis(probe, 50),
                Figures.millis(probe, 99),
                Figures.millis(busy, 50),
                Figures.millis(busy, 99),
                Figures.ratio(Figures.at(acks, 50), Figures.at(probe, 50)),
                Figures.ratio(Figures.at(acks, 99), Figures.at(probe, 99)),
                Figures.ratio(Figures.at(acks, 99), Figures.at(busy, 99)));
    }

    private static Table goals(Measured full, Measured half, Measured halfGoal) {
        double goal = goal(full.load().mode());
        Table table =
                new Table(
                        "to reach (1 KB, %d outstanding)".formatted(full.load().outstanding()),
                        "goal",
                        "here",
                        "verdict");
        table.row(
                "msg/s",
                Figures.rate(goal),
                Figures.rate(full.perSecond()),
                Figures.verdict(full.perSecond(), goal));
        latencyGoals(table, "half load", half);
        latencyGoals(table, "half the goal's load", halfGoal);
        return table;
    }

    private static void latencyGoals(Table table, String load, Measured measured) {
        double p50 = Figures.at(measured.acks(), 50);
        double p99 = Figures.at(measured.acks(), 99);
        table.row("p50 ms at " + load, "1", Figures.millis(p50), Figures.verdict(1000, p50));
        p99Goal(table, load, "the probe's", p99, measured.probe());
        p99Goal(table, load, "the busy probe's", p99, measured.busyProbe());
    }

    private static void p99Goal(
            Table table, String load, String whose, double p99, Histogram probe) {
        double allowed = P99_OF_PROBE_MAX * Figures.at(probe, 99);
        table.row(
                "p99 ms at " + load,
                "%.0f × %s = %s".formatted(P99_OF_PROBE_MAX, whose, Figures.millis(allowed)),
                Figures.millis(p99),
                Figures.verdict(allowed, p99));
    }
}
