package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Lease;
import io.millstream.api.MillstreamException;
import io.millstream.api.Pending;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// What runs behind [Workers]: one thread takes jobs as permits are free, each job runs on a
/// virtual thread, one platform thread renews the leases of all.
final class Crew {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final Duration TAKE_WAIT = Duration.ofSeconds(20);
    private static final int TAKE_MESSAGES_MAX = 256;
    private static final long REFUSED_PAUSE_MILLIS = 500;

    private final Plan plan;
    private final Handlers handlers;
    private final Session session;
    private final Claims claims;
    private final Semaphore permits;
    private final Set<Execution> running = ConcurrentHashMap.newKeySet();
    private final Heartbeat heartbeat;
    private final InnerQueue endings;
    private final InnerQueue debounced;
    private final Thread taker;
    private volatile boolean stopping;
    private volatile @Nullable Pending<Taken> pending;

    /// @param queue whose jobs they do
    /// @param name what they are called
    /// @param concurrency how many at once
    /// @param lease how long a lease lasts that is not renewed
    /// @param grace how long closing waits for what runs
    record Plan(ChannelName queue, String name, int concurrency, Duration lease, Duration grace) {}

    Crew(Backend backend, Plan plan, Handlers handlers) {
        this.plan = plan;
        this.handlers = handlers;
        this.session =
                backend.session(new SessionSpec(plan.name, Map.of("queue", plan.queue.toString())));
        this.permits = new Semaphore(plan.concurrency);
        this.heartbeat = new Heartbeat(session, running, plan.lease);
        this.claims = new Claims(backend);
        this.endings = new InnerQueue(session, Envelope.ENDED, new Endings(backend, session));
        Debounce debounce = new Debounce(backend, session);
        this.debounced = new InnerQueue(session, Envelope.DEBOUNCED, debounce::look);
        this.taker =
                Thread.ofVirtual()
                        .name("millstream-take-" + plan.queue.name())
                        .unstarted(this::take);
    }

    void start() {
        heartbeat.start();
        endings.start();
        debounced.start();
        taker.start();
    }

    int running() {
        return running.size();
    }

    /// Takes and starts jobs until it is stopped.
    private void take() {
        try {
            while (!stopping) {
                int free = acquireSome();
                int started = 0;
                try {
                    started = takeSome(free);
                } finally {
                    permits.release(free - started);
                }
            }
        } catch (InterruptedException _) {
            // Closing.
        } catch (StoppedException stopped) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "Workers of %s have stopped: %s".formatted(plan.queue, stopped.getMessage()));
        }
    }

    private int acquireSome() throws InterruptedException {
        permits.acquire();
        int free = 1;
        while (free < TAKE_MESSAGES_MAX && permits.tryAcquire()) {
            free++;
        }
        return free;
    }

    /// @return how many were started
    private int takeSome(int free) throws InterruptedException {
        Take take =
                Take.of(plan.queue, free, new Term.Timed(plan.lease), TAKE_WAIT)
                        .withTypes(handlers.wireNames());
        Pending<Taken> asking = session.take(take);
        pending = asking;
        if (stopping) {
            asking.cancel();
        }
        Taken taken = Answer.of(asking.stage());
        pending = null;
        return switch (taken) {
            case Taken.Leased leased -> {
                for (Lease lease : leased.leases()) {
                    start(lease, leased.now());
                }
                yield leased.leases().size();
            }
            case Taken.Refused refused -> {
                refused(refused.refusal());
                yield 0;
            }
        };
    }

    private void start(Lease lease, Instant takenAt) {
        Thread.ofVirtual()
                .name("millstream-job-" + Execution.idOf(lease))
                .start(() -> {
                    Execution execution =
                            new Execution(session, claims, handlers, lease, plan.lease, takenAt);
                    running.add(execution);
                    try {
                        execution.run();
                    } catch (MillstreamException stopped) {
                        LOGGER.log(
                                System.Logger.Level.WARNING,
                                "How job %s ended is not known: %s"
                                        .formatted(Execution.idOf(lease), stopped.getMessage()));
                    } finally {
                        running.remove(execution);
                        permits.release();
                    }
                });
    }

    private void refused(Refusal refusal) throws InterruptedException {
        LOGGER.log(
                System.Logger.Level.WARNING,
                "Workers of %s get no jobs: %s They ask again."
                        .formatted(plan.queue, refusal.text()));
        TimeUnit.MILLISECONDS.sleep(REFUSED_PAUSE_MILLIS);
    }

    void close() {
        stopping = true;
        Pending<Taken> asking = pending;
        if (asking != null) {
            asking.cancel();
        }
        joinTaker();
        awaitRunning(plan.grace);
        running.forEach(one -> one.hold().interrupt(Hold.Reason.CLOSING));
        awaitRunning(plan.lease);
        endings.close();
        debounced.close();
        heartbeat.close();
        session.close();
    }

    private void joinTaker() {
        try {
            taker.join(plan.grace.plus(Duration.ofSeconds(1)));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        taker.interrupt();
    }

    /// All permits are back when nothing runs any more.
    private void awaitRunning(Duration wait) {
        try {
            if (permits.tryAcquire(plan.concurrency, wait.toNanos(), TimeUnit.NANOSECONDS)) {
                permits.release(plan.concurrency);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
