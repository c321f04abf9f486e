package io.millstream.server.command;

import ch.qos.logback.classic.Level;

import io.millstream.server.broker.Broker;
import io.millstream.server.broker.Ending;
import io.millstream.server.config.ServerConfig;
import io.millstream.server.demo.Shop;
import io.millstream.server.work.StopSignals;
import io.millstream.server.work.Typed;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// `millstream demo`: a server on free ports and a directory of its own, and a shop on it, until it
/// is told to stop.
final class DemoRun {
    static final String NAME = "demo";

    private static final String RATE = "--rate";
    private static final String FOR = "--for";
    private static final int USUAL_RATE = 50;
    private static final int RATE_MAX = 2_000;

    /// Customers who wait for their order to be on disk; more wait outside.
    private static final int ORDERING_MAX = 500;

    private static final long LINE_MILLIS = 1_000;
    private static final long TICK_NANOS = 2_000_000;

    /// What fails on purpose is not to hide the figures.
    private static final String JOBS_LOG = "io.millstream.jobs";

    private final Surroundings surroundings;

    DemoRun(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name(NAME);
        spec.usageMessage()
                .description(
                        "Shows what it is like: starts a server on free ports and in a temporary"
                                + " directory, and a shop that puts orders, payments, shipments and"
                                + " mails on it, and prints a line of figures each second.",
                        "",
                        "Stop it with Ctrl-C; nothing is left behind.")
                .customSynopsis("millstream demo [OPTION...]")
                .sortOptions(false);
        return spec.addOption(
                        Typed.option(
                                RATE,
                                "N",
                                "Orders a second, 1 to %d; each is four jobs. Default: %d"
                                        .formatted(RATE_MAX, USUAL_RATE)))
                .addOption(
                        Typed.option(
                                FOR,
                                "TIME",
                                "Stop by itself after this time, such as 10s. Default: go on"));
    }

    int run(ParseResult line) throws IOException {
        Typed typed = new Typed(line);
        int rate = typed.number(RATE, USUAL_RATE, 1, RATE_MAX);
        Duration time = typed.time(FOR, Duration.ofDays(365), Duration.ofSeconds(1));
        CountDownLatch stop = new CountDownLatch(1);
        @Nullable Level before = quiet(Logger.ROOT_LOGGER_NAME, Level.WARN);
        @Nullable Level beforeOfJobs = quiet(JOBS_LOG, Level.ERROR);
        Path folder = Files.createTempDirectory("millstream-demo-");
        try (StopSignals _ = StopSignals.of(stop::countDown)) {
            return serve(folder, rate, time, stop);
        } finally {
            delete(folder);
            var _ = quiet(Logger.ROOT_LOGGER_NAME, before);
            var _ = quiet(JOBS_LOG, beforeOfJobs);
        }
    }

    private int serve(Path folder, int rate, Duration time, CountDownLatch stop) {
        ServerConfig config =
                new ServerConfig(
                        folder.resolve("data"),
                        InetAddress.getLoopbackAddress(),
                        OptionalInt.of(0),
                        OptionalInt.of(0),
                        Optional.empty(),
                        Optional.empty(),
                        false);
        Broker broker = new Broker(config, surroundings.version(), surroundings.opener());
        broker.start();
        try {
            show(broker, config.data(), rate, time, stop);
        } finally {
            broker.close();
        }
        if (broker.awaitEnd() instanceof Ending.Failed failed) {
            surroundings.err().println("millstream: " + failed.reason());
            return ExitStatus.FAILED;
        }
        return ExitStatus.DONE;
    }

    private void show(Broker broker, Path data, int rate, Duration time, CountDownLatch stop) {
        String status = address(broker, "status");
        try (Shop shop = Shop.open(URI.create(status))) {
            say(
                    "Millstream %s: a shop with %d orders a second%s",
                    surroundings.version(),
                    rate,
                    time.toDays() < 365 ? ", for " + Typed.shown(time) : ", until Ctrl-C");
            say("  status  %s", status);
            say("  SQS     %s", address(broker, "SQS"));
            say("  data    %s", data);
            say("Look into it from another terminal:");
            say("  millstream jobs list --server %s", status);
            say("  millstream tail shop.orders --server %s", status);
            say("");
            Thread customers = Thread.ofVirtual().start(() -> order(shop, rate, stop));
            try {
                watch(shop, time, stop);
            } finally {
                stop.countDown();
                customers.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String address(Broker broker, String door) {
        return Objects.requireNonNull(broker.addresses().get(door));
    }

    private void say(String text, Object... values) {
        surroundings.out().println(text.formatted(values));
        surroundings.out().flush();
    }

    /// Customers who come whether or not those before them are served, but for when too many wait.
    private static void order(Shop shop, int rate, CountDownLatch stop) {
        Semaphore ordering = new Semaphore(ORDERING_MAX);
        long begun = System.nanoTime();
        long number = 0;
        while (stop.getCount() > 0) {
            long due = (System.nanoTime() - begun) / (TimeUnit.SECONDS.toNanos(1) / rate);
            while (number < due && ordering.tryAcquire()) {
                long next = ++number;
                Thread.startVirtualThread(() -> {
                    try {
                        shop.order(next);
                    } finally {
                        ordering.release();
                    }
                });
            }
            LockSupport.parkNanos(TICK_NANOS);
        }
        // Nobody is to be told of a closed shop.
        ordering.acquireUninterruptibly(ORDERING_MAX);
    }

    private void watch(Shop shop, Duration time, CountDownLatch stop) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        Shop.Look before = shop.look();
        while (System.nanoTime() - end < 0 && !stop.await(LINE_MILLIS, TimeUnit.MILLISECONDS)) {
            Shop.Look now = shop.look();
            say("%s", now.line(before));
            before = now;
        }
    }

    /// @return what its level was
    private static @Nullable Level quiet(String name, @Nullable Level level) {
        var logger = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(name);
        Level before = logger.getLevel();
        logger.setLevel(level);
        return before;
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException failed) throws IOException {
                        if (failed != null) {
                            throw failed;
                        }
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
