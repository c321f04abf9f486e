package io.millstream.bench.engine;

import io.millstream.bench.Figures;
import io.millstream.bench.Scratch;
import io.millstream.bench.Table;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How fast queues of each kind are, and when their messages are confirmed and handed out; each in
/// turns with a plain queue in the same engine, and with the probe of the disk.
final class KindRates {
    private static final int SLICES = 2;
    private static final int OUTSTANDING = 256;
    private static final double WARM_UP_SECONDS = 5;
    private static final double PROBE_SECONDS = 0.5;
    private static final double THOUSAND_QUEUES_MIN = 0.8;

    private final Path data;
    private final double seconds;
    private final int bytes;
    private final int perSecond;
    private final int many;
    private final DiskProbe probe;

    /// @param perSecond how many are published a second when times are measured, if the kind is
    ///   twice as fast
    /// @param many how many messages wait where many do
    KindRates(Path data, double seconds, int bytes, int perSecond, int many, DiskProbe probe) {
        this.data = data.resolve("kinds");
        this.seconds = seconds;
        this.bytes = bytes;
        this.perSecond = perSecond;
        this.many = many;
        this.probe = probe;
    }

    /// A kind and the plain queue beside it, at the full rate and at an even one.
    private record Pair(
            QueueKind kind,
            KindRun.Outcome full,
            KindRun.Outcome plainFull,
            KindRun.Outcome paced,
            KindRun.Outcome plainPaced) {}

    /// Runs and prints the kinds in whose words there is `text`.
    void run(String text) throws IOException {
        List<Pair> pairs = new ArrayList<>();
        List<Pair> deep = new ArrayList<>();
        for (QueueKind kind : new QueueKinds(many).all()) {
            if (kind.words().contains(text)) {
                pairs.add(inEngine(engine -> pair(engine, kind)));
            }
        }
        for (QueueKind kind : new QueueKinds(many).deep()) {
            if (kind.words().contains(text)) {
                deep.add(inEngine(engine -> turnOver(engine, kind)));
            }
        }
        System.out.println("### What kinds of queues cost\n");
        System.out.printf(
                "Bodies of %s, each a commit of its own, %d under way at once; consumers settle"
                        + " what they are given. Half of the time the same goes to a plain queue"
                        + " of the same engine.%n%n",
                Figures.size(bytes), OUTSTANDING);
        System.out.println(rates(pairs));
        System.out.printf(
                "The same at an even rate, %s/s or half the full one. What is delayed is handed"
                        + " out late by so much.%n%n",
                Figures.rate(perSecond));
        System.out.println(times(pairs));
        System.out.printf(
                "### With %s messages waiting%n%n"
                        + "%d are leased at once; each is settled, and followed by a new one, in a"
                        + " commit of its own.%n%n",
                QueueKinds.text(many), OUTSTANDING);
        System.out.println(rates(deep));
        goal(pairs);
    }

    private interface Work {
        Pair in(Engine engine) throws IOException;
    }

    /// A fresh engine for each kind, so that none pays for what another one left.
    private Pair inEngine(Work work) throws IOException {
        Scratch.delete(data);
        Pair pair;
        try (Engine engine = Engine.open(FileDisk.at(data), EngineOptions.standard())) {
            pair = work.in(engine);
        }
        Scratch.delete(data);
        System.err.printf(
                "%s: %s msg/s, plain %s; %.2f µs, plain %.2f%n",
                pair.kind.words(),
                Figures.rate(pair.full.measured().perSecond()),
                Figures.rate(pair.plainFull.measured().perSecond()),
                pair.full.measured().processorMicros(),
                pair.plainFull.measured().processorMicros());
        return pair;
    }

    private Pair pair(Engine engine, QueueKind kind) throws IOException {
        Load load = new Load(Load.Mode.KEEPING_UP, OUTSTANDING, bytes, 0);
        try (KindRun plain = new KindRun(engine, data, QueueKinds.plain(), bytes);
                KindRun run = new KindRun(engine, data, kind, bytes)) {
            warmUp(plain, run, load);
            KindRun.Outcome full = KindRun.Outcome.of(load);
            KindRun.Outcome plainFull = KindRun.Outcome.of(load);
            inTurns(plain, plainFull, run, full);
            double published = full.measured().acks().getTotalCount() / full.measured().seconds();
            Load paced = load.paced(Math.min(perSecond, published / 2));
            Pair pair =
                    new Pair(
                            kind,
                            full,
                            plainFull,
                            KindRun.Outcome.of(paced),
                            KindRun.Outcome.of(paced));
            inTurns(plain, pair.plainPaced, run, pair.paced);
            return pair;
        }
    }

    private static void warmUp(KindRun plain, KindRun run, Load load) {
        plain.run(load, WARM_UP_SECONDS / 2, KindRun.Outcome.of(load));
        run.run(load, WARM_UP_SECONDS / 2, KindRun.Outcome.of(load));
    }

    private void inTurns(
            KindRun plain, KindRun.Outcome ofPlain, KindRun run, KindRun.Outcome ofKind)
            throws IOException {
        for (int i = 0; i < SLICES; i++) {
            plain.run(ofPlain.measured().load(), seconds / SLICES, ofPlain);
            run.run(ofKind.measured().load(), seconds / SLICES, ofKind);
            probe.run(ofKind.measured().frameBytes(), PROBE_SECONDS, ofKind.measured().probe());
        }
    }

    private Pair turnOver(Engine engine, QueueKind kind) throws IOException {
        Load load = new Load(Load.Mode.KEEPING_UP, OUTSTANDING, bytes, 0);
        KindRun.Outcome full = KindRun.Outcome.of(load);
        KindRun.Outcome plainFull = KindRun.Outcome.of(load);
        try (KindRun plain = new KindRun(engine, data, QueueKinds.plain(), bytes)) {
            plain.turnOver(many, seconds / 2, load, plainFull);
        }
        try (KindRun run = new KindRun(engine, data, kind, bytes)) {
            run.turnOver(many, seconds, load, full);
        }
        probe.run(full.measured().frameBytes(), PROBE_SECONDS, full.measured().probe());
        try (KindRun plain = new KindRun(engine, data, QueueKinds.plain(), bytes)) {
            plain.turnOver(many, seconds / 2, load, plainFull);
        }
        return new Pair(kind, full, plainFull, full, plainFull);
    }

    private static Table rates(List<Pair> pairs) {
        Table table =
                new Table(
                        "queue",
                        "msg/s",
                        "plain msg/s",
                        "rate / plain",
                        "CPU µs/msg",
                        "plain µs/msg",
                        "CPU / plain",
                        "confirm p50 ms",
                        "p99 ms",
                        "plain p99 ms",
                        "probe p99 ms",
                        "msg/frame",
                        "cores taken by others");
        for (Pair pair : pairs) {
            Measured full = pair.full.measured();
            Measured plain = pair.plainFull.measured();
            table.row(
                    pair.kind.words(),
                    Figures.rate(full.perSecond()),
                    Figures.rate(plain.perSecond()),
                    Figures.ratio(full.perSecond(), plain.perSecond()),
                    "%.2f".formatted(full.processorMicros()),
                    "%.2f".formatted(plain.processorMicros()),
                    Figures.ratio(full.processorMicros(), plain.processorMicros()),
                    Figures.millis(full.acks(), 50),
                    Figures.millis(full.acks(), 99),
                    Figures.millis(plain.acks(), 99),
                    Figures.millis(full.probe(), 99),
                    "%.1f".formatted(full.perSecond() / full.syncsPerSecond()),
                    "%.2f".formatted(full.disturbance()));
        }
        return table;
    }

    private static Table times(List<Pair> pairs) {
        Table table =
                new Table(
                        "queue",
                        "published/s",
                        "confirm p50 ms",
                        "p99 ms",
                        "plain p99 ms",
                        "p99 / plain",
                        "put to lease p50 ms",
                        "p99 ms",
                        "plain p99 ms",
                        "p99 / plain",
                        "probe p99 ms",
                        "cores taken by others");
        for (Pair pair : pairs) {
            KindRun.Outcome one = pair.paced;
            KindRun.Outcome plain = pair.plainPaced;
            table.row(
                    pair.kind.words(),
                    Figures.rate(one.measured().load().perSecond()),
                    Figures.millis(one.measured().acks(), 50),
                    Figures.millis(one.measured().acks(), 99),
                    Figures.millis(plain.measured().acks(), 99),
                    Figures.ratio(
                            Figures.at(one.measured().acks(), 99),
                            Figures.at(plain.measured().acks(), 99)),
                    Figures.millis(one.leases(), 50),
                    Figures.millis(one.leases(), 99),
                    Figures.millis(plain.leases(), 99),
                    Figures.ratio(Figures.at(one.leases(), 99), Figures.at(plain.leases(), 99)),
                    Figures.millis(one.measured().probe(), 99),
                    "%.2f".formatted(one.measured().disturbance()));
        }
        return table;
    }

    private static void goal(List<Pair> pairs) {
        Table table = new Table("to reach", "goal", "here", "verdict");
        for (Pair pair : pairs) {
            if (pair.kind.queues().size() == QueueKinds.KEYS) {
                double ratio =
                        pair.full.measured().perSecond() / pair.plainFull.measured().perSecond();
                table.row(
                        pair.kind.words() + ", rate beside one queue's",
                        THOUSAND_QUEUES_MIN + "×",
                        Figures.ratio(ratio, 1),
                        Figures.verdict(ratio, THOUSAND_QUEUES_MIN));
            }
        }
        System.out.println(table);
        System.out.flush();
    }
}
