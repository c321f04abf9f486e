package io.millstream.bench.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Outcome;
import io.millstream.bench.Figures;
import io.millstream.bench.Table;
import io.millstream.engine.Engine;

import org.HdrHistogram.Histogram;

import java.time.Duration;
import java.util.function.Consumer;

/// How long messages of a thousand groups wait while another group, which has many, does not get on
/// because its head fails.
final class GroupPromise {
    private static final ChannelName QUEUE = ChannelName.of("groups");
    private static final String FAILING = "failing";
    private static final int GROUPS = 1000;
    private static final double PER_SECOND = 5000;
    private static final int WORKERS = 64;
    private static final double SETTLE_SECONDS = 0.5;
    private static final double MORE_MICROS_MAX = 10_000;
    private static final int TURNS = 2;

    private final Engine engine;
    private final double seconds;
    private final int bytes;
    private final int behind;
    private final Table table =
            new Table(
                    "the head of the failing group",
                    "messages behind it",
                    "failures",
                    "others served",
                    "put to lease p50 ms",
                    "p99 ms",
                    "p99.9 ms",
                    "max ms",
                    "without it p99 ms",
                    "p99.9 ms",
                    "max ms",
                    "p99 more, ms",
                    "max more, ms",
                    "verdict (10 ms)");

    GroupPromise(Engine engine, double seconds, int bytes, int many) {
        this.engine = engine;
        this.seconds = seconds;
        this.bytes = bytes;
        this.behind = many / 10;
    }

    /// What came of one kind of turns.
    private static final class Seen {
        private final Histogram leases = Figures.latencies();
        private long failures;
    }

    void run() {
        row("waits an hour to be tried again", Groups.ORDERED, Duration.ofHours(1));
        row("fails every 10 ms", Groups.ORDERED, Duration.ofMillis(10));
        row("fails at once, one by one", Groups.ORDERED_SINGLY, Duration.ZERO);
        row("fails at once, as many as a take gets", Groups.ORDERED, Duration.ZERO);
        System.out.println("### Other groups while the head of one fails\n");
        System.out.printf(
                "%d groups, in order, %s/s together, %d workers. The same without the failing group"
                        + " in turns. What is tried again at once keeps its place before what came"
                        + " later, as an AMQP requeue does: there the promise is not made.%n%n",
                GROUPS, Figures.rate(PER_SECOND), WORKERS);
        System.out.println(table);
    }

    private void row(String words, Groups groups, Duration again) {
        Definition.Queue queue = Definition.Queue.builder(QUEUE).groups(groups).build();
        Seen with = new Seen();
        Seen without = new Seen();
        turn(queue, again, false, SETTLE_SECONDS, new Seen());
        for (int i = 0; i < TURNS; i++) {
            turn(queue, again, false, seconds / TURNS, without);
            turn(queue, again, true, seconds / TURNS, with);
        }
        double p99 = more(with, without, 99);
        double max = more(with, without, 100);
        table.row(
                words,
                behind,
                with.failures,
                with.leases.getTotalCount(),
                Figures.millis(with.leases, 50),
                Figures.millis(with.leases, 99),
                Figures.millis(with.leases, 99.9),
                Figures.millis(with.leases, 100),
                Figures.millis(without.leases, 99),
                Figures.millis(without.leases, 99.9),
                Figures.millis(without.leases, 100),
                Figures.millis(p99),
                Figures.millis(max),
                again.isZero() ? "keeps its place" : verdict(p99, max));
    }

    private static String verdict(double p99, double max) {
        if (max <= MORE_MICROS_MAX) {
            return "reached";
        }
        return p99 <= MORE_MICROS_MAX ? "p99 reached, max not" : "not";
    }

    private static double more(Seen with, Seen without, double percentile) {
        return Math.max(
                0, Figures.at(with.leases, percentile) - Figures.at(without.leases, percentile));
    }

    private void turn(
            Definition.Queue definition, Duration again, boolean fails, double length, Seen seen) {
        Consumer<Lease> note =
                lease -> {
                    if (isFailing(lease)) {
                        seen.failures++;
                    } else {
                        long from = QueueKind.from(lease.message());
                        seen.leases.recordValue((System.nanoTime() - from) / 1000);
                    }
                };
        try (SharedQueue queue = new SharedQueue(engine, definition, bytes)) {
            if (fails) {
                queue.put(FAILING, 1 + behind);
            }
            try (Workers workers =
                    new Workers(
                            engine,
                            QUEUE,
                            WORKERS,
                            0,
                            note,
                            lease -> isFailing(lease) ? Outcome.retry(again) : Outcome.done())) {
                queue.publish(
                        PER_SECOND,
                        length,
                        number -> "group-" + QueueKinds.mixed(number, GROUPS),
                        Figures.latencies());
                workers.check();
            }
        }
    }

    private static boolean isFailing(Lease lease) {
        return FAILING.equals(lease.message().group());
    }
}
