package io.millstream.bench.jobs;

import io.millstream.bench.Figures;
import io.millstream.bench.Machine;
import io.millstream.bench.Table;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Everybody in turns, round by round, with the same numbers of workers; and the medians.
final class FlowBench {
    private static final double UNTRACKED_GOAL = 50_000;
    private static final double TRACKED_GOAL = 25_000;
    private static final double PEERS_GOAL = 10;
    private static final double START_MICROS_GOAL = 2_000;

    /// Peers whose jobs are synced, as ours are.
    private static final String POSTGRES = "PostgreSQL";

    private final Path data;
    private final double seconds;
    private final int rounds;
    private final List<Integer> workers;
    private final List<Entrant> entrants;
    private final Map<Run, Map<Measure, Rounds>> results = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    /// Somebody with so many workers.
    private record Run(String entrant, int workers) {}

    /// @param seconds how long each measurement lasts, in all rounds together
    FlowBench(
            Path data, double seconds, int rounds, List<Integer> workers, List<Entrant> entrants) {
        this.data = data;
        this.seconds = seconds;
        this.rounds = rounds;
        this.workers = workers;
        this.entrants = entrants;
    }

    /// @param between what is done before each round
    void run(Pause between) throws Exception {
        for (int round = 0; round < rounds; round++) {
            between.pass();
            for (int count : workers) {
                for (Entrant entrant : entrants) {
                    take(entrant, count);
                }
            }
        }
    }

    /// What is done between rounds.
    @FunctionalInterface
    interface Pause {
        void pass() throws Exception;
    }

    /// Who fails does not end the run of all others.
    private void take(Entrant entrant, int count) {
        System.err.printf("%s, %d workers (load %s)%n", entrant.name(), count, Machine.load());
        Run run = new Run(entrant.name(), count);
        Map<Measure, Rounds> row = results.computeIfAbsent(run, _ -> new EnumMap<>(Measure.class));
        try (Contender contender = entrant.opener().open(data, count)) {
            Turn.of(
                    contender,
                    count,
                    seconds / rounds,
                    (measure, outcome) -> {
                        row.computeIfAbsent(measure, _ -> new Rounds()).add(outcome);
                        tell(measure, outcome);
                    });
        } catch (Exception failed) {
            failures.add("%s with %d workers: %s".formatted(entrant.name(), count, failed));
            failed.printStackTrace();
        }
    }

    private static void tell(Measure measure, Outcome outcome) {
        System.err.printf(
                "  %s: %s/s, p50 %s ms, p99 %s ms%n",
                measure,
                Figures.rate(outcome.perSecond()),
                Figures.millis(outcome.micros(), 50),
                Figures.millis(outcome.micros(), 99));
    }

    void print(PrintStream out) {
        for (Measure measure : Measure.values()) {
            out.printf("### %s%n%n%s%n", measure, table(measure));
        }
        out.printf("### To reach%n%n%s%n", goals());
        for (String failure : failures) {
            out.printf("Not measured, or not to the end: %s%n%n", failure);
        }
    }

    private Table table(Measure measure) {
        Table table =
                measure.hasLatency()
                        ? new Table(
                                "jobs of",
                                "workers",
                                "jobs/s",
                                measure.latency("p50"),
                                measure.latency("p99"),
                                "Millstream / it",
                                "CPU µs/job",
                                "cores taken by others")
                        : new Table(
                                "jobs of",
                                "workers",
                                "jobs/s",
                                "Millstream / it",
                                "CPU µs/job",
                                "cores taken by others");
        results.forEach((run, row) -> {
            Rounds figures = row.get(measure);
            if (figures != null) {
                table.row(cells(measure, run, figures).toArray());
            }
        });
        return table;
    }

    private List<Object> cells(Measure measure, Run run, Rounds figures) {
        List<Object> cells = new ArrayList<>();
        cells.add(run.entrant);
        cells.add(run.workers);
        cells.add(Figures.rate(figures.perSecond()));
        if (measure.hasLatency()) {
            cells.add(Figures.millis(figures.quantile(50)));
            cells.add(Figures.millis(figures.quantile(99)));
        }
        double ours = perSecond(new Run(Entrant.UNTRACKED, run.workers), measure);
        boolean isOther = !run.entrant.equals(Entrant.UNTRACKED);
        boolean isRatio = isOther && ours > 0 && measure != Measure.HALF;
        cells.add(isRatio ? Figures.ratio(ours, figures.perSecond()) : "");
        cells.add("%.0f".formatted(figures.processorMicros()));
        cells.add("%.2f".formatted(figures.disturbance()));
        return cells;
    }

    private double perSecond(Run run, Measure measure) {
        Rounds figures = results.getOrDefault(run, Map.of()).get(measure);
        return figures == null ? 0 : figures.perSecond();
    }

    /// The best of both ways to enqueue, and of all numbers of workers.
    private double best(String entrant) {
        double best = 0;
        for (int count : workers) {
            Run run = new Run(entrant, count);
            best = Math.max(best, perSecond(run, Measure.FLOW));
            best = Math.max(best, perSecond(run, Measure.FLOW_BULK));
        }
        return best;
    }

    /// In microseconds, or 0 if it was not measured.
    private double quickest(String entrant) {
        return workers.stream()
                .map(count -> results.getOrDefault(new Run(entrant, count), Map.of()))
                .mapToDouble(row -> {
                    Rounds half = row.get(Measure.HALF);
                    return half == null ? 0 : half.quantile(50);
                })
                .filter(micros -> micros > 0)
                .min()
                .orElse(0);
    }

    private Table goals() {
        Table table = new Table("to reach (best of all workers)", "goal", "here", "verdict");
        double ours = best(Entrant.UNTRACKED);
        for (String entrant : entrants.stream().map(Entrant::name).toList()) {
            double best = best(entrant);
            switch (entrant) {
                case Entrant.UNTRACKED -> rate(table, entrant, best, UNTRACKED_GOAL);
                case Entrant.TRACKED -> rate(table, entrant, best, TRACKED_GOAL);
                default -> {
                    if (entrant.endsWith(POSTGRES) && ours > 0) {
                        table.row(
                                "enqueue to done against " + entrant,
                                "%.0f×".formatted(PEERS_GOAL),
                                Figures.ratio(ours, best),
                                best == 0 ? "?" : Figures.verdict(ours / best, PEERS_GOAL));
                    }
                }
            }
        }
        double start = quickest(Entrant.UNTRACKED);
        if (start > 0) {
            table.row(
                    "enqueue to start, p50 ms",
                    Figures.millis(START_MICROS_GOAL),
                    Figures.millis(start),
                    Figures.verdict(START_MICROS_GOAL, start));
        }
        return table;
    }

    private static void rate(Table table, String entrant, double best, double goal) {
        table.row(
                "enqueue to done, " + entrant,
                Figures.rate(goal),
                Figures.rate(best),
                Figures.verdict(best, goal));
    }
}
