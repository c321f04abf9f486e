package io.millstream.bench.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.bench.Arguments;
import io.millstream.bench.Figures;
import io.millstream.bench.Scratch;
import io.millstream.bench.Table;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Passes many gigabytes through a queue whose first message is taken and never settled, and
/// watches how large the data directory becomes. Then ends as a killed process does, and starts
/// again.
public final class PassingBench {
    private static final ChannelName QUEUE = ChannelName.of("bench");
    private static final int OUTSTANDING = 256;
    private static final int BACKLOG_MAX = 1024;
    private static final double SECONDS_MAX = 3600;
    private static final long LOOK_MILLIS = 100;

    private final Path data;
    private final int gigabytes;
    private final int bytes;

    private long largest;
    private long settled;

    /// A benchmark of as many gigabytes as `arguments` say.
    public PassingBench(Arguments arguments) {
        this.data = arguments.data().resolve("passing");
        this.gigabytes = arguments.number("gigabytes", 20);
        this.bytes = arguments.numbers("bytes", "16384").getFirst();
    }

    /// Runs and prints.
    public void run() throws Exception {
        Scratch.delete(data);
        long began = System.nanoTime();
        try (Engine engine = open()) {
            Session session = engine.session(SessionSpec.of("bench publisher"));
            begin(session);
            watched(() -> pass(engine, session));
            engine.kill();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        long starting = System.nanoTime();
        try (Engine again = open()) {
            double startMillis = (System.nanoTime() - starting) / 1e6;
            print(seconds, startMillis, left(again));
        }
        Scratch.delete(data);
    }

    private Engine open() throws IOException {
        return Engine.open(FileDisk.at(data), EngineOptions.standard());
    }

    private static void begin(Session session) {
        Commits.require(
                session, new Operation.Define(Definition.Queue.of(QUEUE), Expect.Nothing.NOTHING));
        Commits.require(
                session, new Operation.Put(QUEUE, Message.of("the one that nobody settles")));
        if (!(take(session) instanceof Taken.Leased leased) || leased.leases().size() != 1) {
            throw new IllegalStateException("The first message could not be taken");
        }
    }

    private static Taken take(Session session) {
        Take take = Take.of(QUEUE, 1, new Term.Timed(Duration.ofHours(12)), Duration.ZERO);
        return session.take(take).stage().toCompletableFuture().join();
    }

    private void pass(Engine engine, Session session) {
        Load load = new Load(Load.Mode.KEEPING_UP, OUTSTANDING, bytes, 0);
        try (Consumption consumption = new Consumption(engine, QUEUE)) {
            Publisher publisher =
                    new Publisher(
                            session,
                            QUEUE,
                            load,
                            consumption::settled,
                            BACKLOG_MAX,
                            Figures.latencies());
            publisher.run(SECONDS_MAX, ((long) gigabytes << 30) / bytes);
            consumption.await(publisher.acknowledged());
            settled = consumption.settled();
        }
    }

    private void watched(Runnable work) throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        Thread watch =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!over.get()) {
                                look();
                                LockSupport.parkNanos(LOOK_MILLIS * 1_000_000);
                            }
                        });
        try {
            work.run();
        } finally {
            over.set(true);
            watch.join();
        }
        look();
    }

    private void look() {
        try {
            largest = Math.max(largest, Scratch.size(data));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static long left(Engine engine) {
        var counts = engine.find(new Query.QueueNamed(QUEUE));
        return counts.toCompletableFuture().join().page().items().getFirst().counts().messages();
    }

    private void print(double seconds, double startMillis, long left) {
        Table table =
                new Table(
                        "body",
                        "settled",
                        "GB passed",
                        "MB/s",
                        "left in the queue",
                        "largest directory MB",
                        "start after a kill ms");
        table.row(
                Figures.size(bytes),
                settled,
                "%.1f".formatted((double) settled * bytes / (1 << 30)),
                "%.0f".formatted((double) settled * bytes / (1 << 20) / seconds),
                left,
                largest >> 20,
                "%.0f".formatted(startMillis));
        System.out.println("## One message unsettled\n");
        System.out.println(table);
    }
}
