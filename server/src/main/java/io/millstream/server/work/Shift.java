package io.millstream.server.work;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.MillstreamException;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Workers;
import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

import javax.net.ssl.SSLException;

/// One run of workers: from the first try to reach the server until they were told to stop. Told
/// once, they end what they do, for as long as the grace lasts; told twice, they end at once.
final class Shift {
    static final String SERVER = "--server";
    static final String CONCURRENCY = "--concurrency";
    static final String TYPE = "--type";
    static final String LEASE = "--lease";
    static final String GRACE = "--grace";
    private static final String USUAL_SERVER = "http://127.0.0.1:7171";
    private static final String NAME_VARIABLE = "MILLSTREAM_USER";
    private static final String PASSWORD_VARIABLE = "MILLSTREAM_PASSWORD";
    private static final Duration USUAL_LEASE = Duration.ofSeconds(30);
    private static final Duration LEASE_MIN = Duration.ofSeconds(1);
    private static final Duration USUAL_GRACE = Duration.ofSeconds(20);
    private static final Duration CLOSE_TIME = Duration.ofSeconds(6);
    private static final Duration CLOSE_LOOK = Duration.ofMillis(50);
    private static final long PAUSE_MILLIS_MIN = 250;
    private static final long PAUSE_MILLIS_MAX = 5_000;
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int KILLED = 130;

    private final Around around;
    private final Terms terms;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicInteger told = new AtomicInteger();
    private volatile @Nullable Workers workers;

    /// What was typed that all workers have in common.
    ///
    /// @param server where
    /// @param queue whose messages they do
    /// @param types which of them; empty for all
    /// @param lease after how long those of a worker that died are somebody else's
    /// @param grace how long what is being done gets to end when they are told to stop
    record Terms(URI server, String queue, Set<String> types, Duration lease, Duration grace) {}

    Shift(Around around, Terms terms) {
        this.around = around;
        this.terms = terms;
    }

    static void addOptions(CommandSpec spec) {
        spec.addOption(
                        Typed.options(
                                TYPE,
                                "TYPE",
                                "Only messages of this type. May be given many times."))
                .addOption(
                        Typed.option(
                                LEASE,
                                "TIME",
                                "After how long the messages of a worker that died are somebody"
                                        + " else's. Default: 30s"))
                .addOption(
                        Typed.option(
                                GRACE,
                                "TIME",
                                "How long what is being done gets to end when this is stopped."
                                        + " Default: 20s"))
                .addOption(
                        Typed.option(
                                SERVER, "URL", "The server's HTTP port. Default: " + USUAL_SERVER));
    }

    /// @throws ConfigException if it makes no sense
    static Terms terms(Typed typed, Around around) {
        URI server =
                Typed.address(SERVER, typed.text(SERVER, USUAL_SERVER), "http://127.0.0.1:7171");
        String queue = typed.line().matchedPositionalValue(0, "");
        if (queue.isEmpty() || queue.length() > ChannelName.NAME_CHARS_MAX) {
            throw new ConfigException(
                    "A queue's name has 1 to %d characters, not %d."
                            .formatted(ChannelName.NAME_CHARS_MAX, queue.length()));
        }
        return new Terms(
                withUser(server, around),
                queue,
                Set.copyOf(typed.texts(TYPE)),
                typed.time(LEASE, USUAL_LEASE, LEASE_MIN),
                typed.time(GRACE, USUAL_GRACE, Duration.ZERO));
    }

    private static URI withUser(URI server, Around around) {
        String name = around.environment().get(NAME_VARIABLE);
        String password = around.environment().get(PASSWORD_VARIABLE);
        if (server.getRawUserInfo() != null || name == null || password == null) {
            return server;
        }
        try {
            return new URI(
                    server.getScheme(),
                    name + ":" + password,
                    server.getHost(),
                    server.getPort(),
                    server.getPath(),
                    null,
                    null);
        } catch (URISyntaxException _) {
            throw new ConfigException(
                    "The user that %s and %s name cannot be part of an address."
                            .formatted(NAME_VARIABLE, PASSWORD_VARIABLE));
        }
    }

    /// Whether they have been told to stop, now or within a moment: a Ctrl-C reaches the terminal's
    /// other processes, too, and perhaps first.
    boolean isStopping() throws InterruptedException {
        return stop.await(500, TimeUnit.MILLISECONDS);
    }

    /// Blocks until it is over.
    ///
    /// @param described makes workers out of what the runtime has described so far
    /// @return the status for the process to end with
    int run(BiFunction<Workers.Builder, Set<String>, Workers.Builder> described, String what) {
        try (StopSignals _ = around.stopSignals().apply(this::tell)) {
            Millstream millstream = open();
            return millstream == null ? DONE : work(millstream, described, what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private int work(
            Millstream millstream,
            BiFunction<Workers.Builder, Set<String>, Workers.Builder> described,
            String what)
            throws InterruptedException {
        Deque<AutoCloseable> opened = new ArrayDeque<>(List.of(millstream));
        try {
            Jobs jobs = Jobs.over(millstream);
            opened.push(jobs);
            Workers.Builder builder =
                    jobs.workersOfExisting(terms.queue)
                            .name("millstream " + terms.queue)
                            .lease(terms.lease)
                            .grace(terms.grace);
            Workers begun = start(described.apply(builder, terms.types));
            opened.push(begun);
            workers = begun;
            around.out().println("millstream: %s, from %s".formatted(what, terms.queue));
            around.out().flush();
            stop.await();
            around.err()
                    .println(
                            ("millstream: Stops. What is being done gets %s to end; a second signal"
                                            + " ends it at once.")
                                    .formatted(Typed.shown(terms.grace)));
        } finally {
            if (!close(opened)) {
                told.set(Math.max(2, told.get()));
                around.err()
                        .println(
                                "millstream: The server does not answer. What was being done is"
                                        + " somebody else's when its leases have ended.");
            }
        }
        return told.get() > 1 ? FAILED : DONE;
    }

    /// Closing says much to the server, and waits for it. A server that is away is not waited for
    /// longer than what is being done gets to end, and a while; nor after a second signal.
    ///
    /// @return whether all is closed
    private boolean close(Deque<AutoCloseable> opened) throws InterruptedException {
        Thread closing = Thread.ofPlatform().daemon().start(() -> opened.forEach(Shift::close));
        long deadline = System.nanoTime() + terms.grace.plus(CLOSE_TIME).toNanos();
        boolean isHurried = false;
        while (!closing.join(CLOSE_LOOK)) {
            if (told.get() > 1 && !isHurried) {
                isHurried = true;
                deadline = Math.min(deadline, System.nanoTime() + CLOSE_TIME.toNanos());
            }
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
        }
        return true;
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception _) {
            // The process ends, and the server notices that.
        }
    }

    private Workers start(Workers.Builder builder) {
        try {
            return builder.start();
        } catch (RefusedException refused) {
            if (refused.refusal() instanceof Refusal.NoSuchChannel) {
                throw new MillstreamException(
                        ("There is no queue %s. Submit a job to it, declare it with the client that"
                                        + " will send to it, or with: millstream queues declare %s")
                                .formatted(terms.queue, terms.queue),
                        refused);
            }
            throw refused;
        } catch (IllegalStateException impossible) {
            throw new ConfigException(String.valueOf(impossible.getMessage()));
        }
    }

    /// On a thread of the signal.
    private void tell() {
        int times = told.incrementAndGet();
        stop.countDown();
        Workers begun = workers;
        if (times == 2 && begun != null) {
            Thread.ofPlatform().daemon().start(() -> begun.stop(Duration.ZERO));
        } else if (times > 2) {
            Runtime.getRuntime().halt(KILLED);
        }
    }

    /// A worker that is started before its server is usual where many are started at once: it tries
    /// until the server is there, and says so once. A server that answers, and does not let it in,
    /// is a failure.
    ///
    /// @return null if it was told to stop before that
    private @Nullable Millstream open() throws InterruptedException {
        long pause = PAUSE_MILLIS_MIN;
        boolean isSaid = false;
        while (true) {
            try {
                return Millstream.open(terms.server);
            } catch (MillstreamException away) {
                if (!isAway(away)) {
                    throw away;
                }
                if (!isSaid) {
                    around.err()
                            .println(
                                    "millstream: %s It is tried again until it answers."
                                            .formatted(away.getMessage()));
                    isSaid = true;
                }
            }
            if (stop.await(pause, TimeUnit.MILLISECONDS)) {
                return null;
            }
            pause = Math.min(2 * pause, PAUSE_MILLIS_MAX);
        }
    }

    private static boolean isAway(Throwable failure) {
        if (failure instanceof ConnectionLostException) {
            return true;
        }
        Throwable cause = failure.getCause();
        return cause instanceof IOException && !(cause instanceof SSLException);
    }
}
