package io.millstream.bench.engine;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.bench.Arguments;
import io.millstream.bench.Figures;
import io.millstream.bench.Scratch;
import io.millstream.bench.Table;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What a publisher feels of the work in the background.
///
/// Two publishers send at an even rate, in turns of a few seconds of two kinds that take the same
/// from disk and processor but for that work. In the one kind both queues are consumed. In the
/// other, nobody consumes the second queue: what is sent to it outlives the log and is moved to
/// segments, and each checkpoint has a large backlog in it. Only the first publisher is measured,
/// and its queue is always consumed.
public final class BackgroundBench {
    private static final int BYTES = 1024;
    private static final int SMALL_BYTES = 100;
    private static final int ROUNDS = 3;
    private static final int LOADED_AT_ONCE = 1000;
    private static final long RING_BYTES = 1L << 30;
    private static final ChannelName FIRST = ChannelName.of("first");
    private static final ChannelName SECOND = ChannelName.of("second");
    private static final ChannelName BACKLOG = ChannelName.of("backlog");

    private final Path data;
    private final double seconds;
    private final int perSecond;
    private final int backlog;

    private final Kind without = new Kind();
    private final Kind with = new Kind();

    /// A benchmark with what `arguments` choose.
    public BackgroundBench(Arguments arguments) {
        this.data = arguments.data().resolve("background");
        this.seconds = arguments.seconds(60);
        this.perSecond = arguments.number("rate", 20_000);
        this.backlog = arguments.number("messages", 3_000_000);
    }

    /// What came of one kind of turns.
    private static final class Kind {
        private final Histogram acks = Figures.latencies();
        private final Histogram probe = Figures.latencies();
        private long movedBytes;
    }

    /// Runs and prints.
    public void run() throws IOException {
        Scratch.delete(data);
        try (DiskProbe probe = new DiskProbe(data.resolveSibling("probe"));
                Engine engine = Engine.open(FileDisk.at(data), EngineOptions.standard())) {
            Session session = engine.session(SessionSpec.of("bench publisher"));
            for (ChannelName queue : List.of(FIRST, SECOND, BACKLOG)) {
                Definition definition = Definition.Queue.of(queue);
                Commits.require(session, new Operation.Define(definition, Expect.Nothing.NOTHING));
            }
            load(session);
            // The ring has grown, and the code is compiled.
            double warm = RING_BYTES / (2.0 * perSecond * BYTES);
            turn(engine, false, warm, Figures.latencies());
            for (int round = 0; round < ROUNDS; round++) {
                measure(engine, false, without, probe);
                measure(engine, true, with, probe);
                Commits.require(session, new Operation.Edit.Purge(SECOND));
            }
        }
        Scratch.delete(data);
        print();
    }

    private void load(Session session) {
        List<Operation> puts = new ArrayList<>();
        Message small = Message.of("x".repeat(SMALL_BYTES));
        for (int i = 0; i < LOADED_AT_ONCE; i++) {
            puts.add(new Operation.Put(BACKLOG, small));
        }
        for (int i = 0; i < backlog; i += LOADED_AT_ONCE) {
            Commits.require(session, puts);
        }
    }

    private void measure(Engine engine, boolean grows, Kind kind, DiskProbe probe)
            throws IOException {
        long before = Scratch.size(data);
        turn(engine, grows, seconds / ROUNDS, kind.acks);
        kind.movedBytes += Math.max(0, Scratch.size(data) - before);
        probe.run(BYTES * 4, 1, kind.probe);
    }

    private void turn(Engine engine, boolean grows, double length, Histogram acks) {
        CompletableFuture<Void> other =
                CompletableFuture.runAsync(
                        () -> publish(engine, SECOND, !grows, length, Figures.latencies()),
                        runnable -> Thread.ofPlatform().start(runnable));
        publish(engine, FIRST, true, length, acks);
        other.join();
    }

    private void publish(
            Backend engine, ChannelName queue, boolean consumed, double length, Histogram acks) {
        Load load = new Load(Load.Mode.GROWING, 1, BYTES, perSecond);
        try (Session session = engine.session(SessionSpec.of("bench publisher"))) {
            Publisher publisher =
                    new Publisher(session, queue, load, () -> 0, Long.MAX_VALUE, acks);
            if (consumed) {
                try (Consumption consumption = new Consumption(engine, queue)) {
                    publisher.run(length, Long.MAX_VALUE);
                    consumption.await(publisher.acknowledged());
                }
            } else {
                publisher.run(length, Long.MAX_VALUE);
            }
        }
    }

    private void print() {
        Table table =
                new Table(
                        "background work",
                        "publishes/s",
                        "ack p50 ms",
                        "p99 ms",
                        "p99.9 ms",
                        "max ms",
                        "probe p99 ms",
                        "directory grew MB");
        row(table, "next to none", without);
        row(table, "moving to segments, large checkpoints", with);
        System.out.println("## Publishing with and without work in the background\n");
        System.out.printf(
                "Two publishers of %s, %s/s each, beside a backlog of %s messages.%n%n",
                Figures.size(BYTES), Figures.rate(perSecond), Figures.rate(backlog));
        System.out.println(table);
        double p99 = Figures.at(with.acks, 99);
        System.out.printf(
                "p99 with, by p99 without: %s%n", Figures.ratio(p99, Figures.at(without.acks, 99)));
    }

    private void row(Table table, String name, Kind kind) {
        table.row(
                name,
                Figures.rate(kind.acks.getTotalCount() / seconds),
                Figures.millis(kind.acks, 50),
                Figures.millis(kind.acks, 99),
                Figures.millis(kind.acks, 99.9),
                Figures.millis(kind.acks, 100),
                Figures.millis(kind.probe, 99),
                kind.movedBytes >> 20);
    }
}
