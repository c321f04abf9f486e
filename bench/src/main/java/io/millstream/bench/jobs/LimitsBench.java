package io.millstream.bench.jobs;

import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.QueueBuilder;
import io.millstream.bench.Figures;
import io.millstream.bench.Table;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// What limits by key cost, in process: the same flow of jobs with and without them, in turns.
/// JobRunr limits by key in its paid edition; db-scheduler and Quartz do not.
final class LimitsBench {
    private static final double WARM_UP_SECONDS = 3;

    private final Path data;
    private final double seconds;
    private final int rounds;
    private final int workers;
    private final int keys;

    /// A way to limit.
    ///
    /// @param compared the name of the one without limits
    /// @param waiting how many jobs wait beforehand and all the time
    private record Case(Setting setting, String compared, int waiting) {}

    /// @param seconds how long each measurement lasts, in all rounds together
    /// @param workers how many jobs at once
    /// @param keys how many keys are many
    LimitsBench(Path data, double seconds, int rounds, int workers, int keys) {
        this.data = data;
        this.seconds = seconds;
        this.rounds = rounds;
        this.workers = workers;
        this.keys = keys;
    }

    private List<Case> cases() {
        String plain = "no limits";
        String waiting = "no limits, %d waiting".formatted(keys);
        List<Case> cases = new ArrayList<>();
        cases.add(new Case(Setting.untracked(plain), plain, 0));
        cases.add(
                new Case(
                        Setting.untracked("1 key, as many at once as workers")
                                .keyed(atOnce(workers), _ -> "one"),
                        plain,
                        0));
        cases.add(
                new Case(
                        Setting.untracked("1 key, 1 at once").keyed(atOnce(1), _ -> "one"),
                        plain,
                        0));
        cases.add(new Case(Setting.untracked(waiting), waiting, keys));
        cases.add(
                new Case(
                        Setting.untracked(
                                        "%d keys, 1 at once of each, as many waiting"
                                                .formatted(keys))
                                .keyed(atOnce(1), this::key),
                        waiting,
                        keys));
        return cases;
    }

    private static UnaryOperator<QueueBuilder> atOnce(int jobs) {
        return builder -> builder.limits(Limits.NONE.withGroups(Limit.concurrency(jobs)));
    }

    /// So many jobs after each other have a key each.
    private String key(Work work) {
        return String.valueOf(Math.floorMod(work.number(), keys));
    }

    void run(PrintStream out) throws Exception {
        Map<Case, Rounds> results = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Case one : cases()) {
                Outcome outcome = measure(one);
                results.computeIfAbsent(key(results, one), _ -> new Rounds()).add(outcome);
                System.err.printf(
                        "%s: %s/s%n", one.setting.name(), Figures.rate(outcome.perSecond()));
            }
        }
        out.printf(
                "### Limits by key, in process%n%n"
                        + "Enqueue to done, one by one, %d callers and workers.%n%n%s%n",
                workers, table(results));
    }

    /// Cases of different rounds are the same if they are called so.
    private static Case key(Map<Case, Rounds> results, Case one) {
        return results.keySet().stream()
                .filter(known -> known.setting.name().equals(one.setting.name()))
                .findFirst()
                .orElse(one);
    }

    private Outcome measure(Case one) throws Exception {
        try (InProcess contender = new InProcess(data, one.setting, workers)) {
            contender.begin();
            for (int left = one.waiting; left > 0; left -= Turn.BULK) {
                contender.enqueueAll(Work.now(Math.min(left, Turn.BULK)));
            }
            contender.startWorkers();
            int outstanding = one.waiting == 0 ? Turn.OUTSTANDING : workers;
            double warmUp = Math.min(WARM_UP_SECONDS, seconds);
            var _ = new Callers(contender, workers, 1).flow(warmUp, outstanding, one.waiting);
            Callers callers = new Callers(contender, workers, 1);
            return callers.flow(seconds / rounds, outstanding, one.waiting);
        }
    }

    private static Table table(Map<Case, Rounds> results) {
        Table table =
                new Table(
                        "limits",
                        "jobs/s",
                        "of those without",
                        "CPU µs/job",
                        "cores taken by others");
        results.forEach((one, rounds) -> {
            double without =
                    results.entrySet().stream()
                            .filter(other -> other.getKey().setting.name().equals(one.compared))
                            .mapToDouble(other -> other.getValue().perSecond())
                            .sum();
            table.row(
                    one.setting.name(),
                    Figures.rate(rounds.perSecond()),
                    Figures.ratio(rounds.perSecond(), without),
                    "%.0f".formatted(rounds.processorMicros()),
                    "%.2f".formatted(rounds.disturbance()));
        });
        return table;
    }
}
