package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// What runs behind [Workers]: one thread takes jobs as places are free, each job runs on a virtual
/// thread, one platform thread renews the leases of all.
final class Crew {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final Duration TAKE_WAIT = Duration.ofSeconds(20);
    private static final int TAKE_MESSAGES_MAX = 256;
    private static final long REFUSED_PAUSE_MILLIS = 500;
    private static final Duration TAKER_WAIT = Duration.ofSeconds(1);
    private static final Duration INTERRUPTED_WAIT = Duration.ofSeconds(2);

    private final Plan plan;
    private final Handlers handlers;
    private final DeclaredQueue queue;
    private final Session session;
    private final Execution.Shop shop;
    private final Places places;
    private final RetryShare retries;
    private final Set<Execution> running = ConcurrentHashMap.newKeySet();
    private final Cancels cancels;
    private final Presence presence;
    private final Heartbeat heartbeat;
    private final Scribe scribe;
    private final InnerQueue endings;
    private final InnerQueue debounced;
    private final Thread taker;
    private volatile boolean stopping;
    private boolean isClosed;
    private volatile @Nullable Pending<Taken> pending;

    /// @param queue whose jobs they do
    /// @param name what they are called
    /// @param places how many at once
    /// @param retryShare how large a part of them may have failed before, while others wait
    /// @param lease how long a lease lasts that is not renewed
    record Plan(
            ChannelName queue,
            String name,
            Places.Bounds places,
            double retryShare,
            Duration lease) {}

    Crew(Backend backend, Plan plan, Handlers handlers, DeclaredQueue queue) {
        this.plan = plan;
        this.handlers = handlers;
        this.queue = queue;
        this.session =
                backend.session(new SessionSpec(plan.name, Map.of("queue", plan.queue.toString())));
        this.places = new Places(plan.places, System::nanoTime);
        this.retries = new RetryShare(places, plan.retryShare);
        this.cancels = new Cancels(session, running);
        this.presence = new Presence(backend, session, plan, places, handlers, running);
        this.heartbeat = new Heartbeat(session, running, plan.lease);
        Claims claims = new Claims(backend);
        Teller teller = new Teller(queue);
        this.scribe = new Scribe(session, teller, running);
        this.shop = new Execution.Shop(session, claims, handlers, queue, teller, plan.lease);
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
        scribe.start();
        if (queue.isOfJobs()) {
            cancels.start();
            endings.start();
            debounced.start();
        }
        taker.start();
        presence.start();
    }

    int running() {
        return running.size();
    }

    int places() {
        return places.size();
    }

    void resize(Places.Bounds bounds) {
        places.resize(bounds);
        // It may have asked for more than there is room for now, or for less.
        Pending<Taken> asking = pending;
        if (asking != null) {
            asking.cancel();
        }
    }

    /// Takes and starts jobs until it is stopped.
    private void take() {
        try {
            while (!stopping) {
                takeSome(places.awaitFree(TAKE_MESSAGES_MAX));
            }
        } catch (InterruptedException _) {
            // Closing.
        } catch (StoppedException stopped) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "Workers of %s have stopped: %s".formatted(plan.queue, stopped.getMessage()));
        }
    }

    private void takeSome(int free) throws InterruptedException {
        // Places that nobody needs are noticed between two of them.
        Duration wait = places.areAutomatic() ? Places.SHRINKS : TAKE_WAIT;
        Take take =
                Take.of(plan.queue, queue.takes(free), new Term.Timed(plan.lease), wait)
                        .withTypes(handlers.wireNames());
        Pending<Taken> asking = session.take(take);
        pending = asking;
        if (stopping) {
            asking.cancel();
        }
        Taken taken;
        try {
            taken = Answer.of(asking.stage());
        } catch (ConnectionLostException lost) {
            // What it leased, if it leased anything, comes back when those leases end.
            getNothing(String.valueOf(lost.getMessage()));
            return;
        } finally {
            pending = null;
        }
        switch (taken) {
            case Taken.Leased leased -> {
                boolean isBusy = leased.leases().size() >= take.messages();
                for (Lease lease : leased.leases()) {
                    if (stopping) {
                        giveBack(lease.handle(), Duration.ZERO);
                    } else if (retries.letsIn(lease, isBusy)) {
                        start(lease, leased.now());
                    } else {
                        giveBack(
                                lease.handle(),
                                RetryShare.pause(lease, ThreadLocalRandom.current()));
                    }
                }
                places.answered(take.messages(), leased.leases().size());
            }
            case Taken.Refused refused -> getNothing(refused.refusal().text());
        }
    }

    /// Somebody else may have it after this time; it was no attempt.
    private void giveBack(Handle handle, Duration after) {
        var _ =
                session.commit(
                        Commit.of(new Operation.Settle(handle, new Outcome.Retry(after, false))));
    }

    private void start(Lease lease, Instant takenAt) {
        places.begin();
        Thread.ofVirtual()
                .name("millstream-job-" + Execution.idOf(lease))
                .start(() -> {
                    Execution execution = new Execution(shop, lease, takenAt);
                    running.add(execution);
                    if (cancels.contains(execution.id())) {
                        execution.hold().cancel();
                    }
                    try {
                        execution.run();
                    } catch (MillstreamException stopped) {
                        LOGGER.log(
                                System.Logger.Level.WARNING,
                                "How job %s ended is not known: %s"
                                        .formatted(Execution.idOf(lease), stopped.getMessage()));
                    } finally {
                        running.remove(execution);
                        retries.letOut(lease);
                        places.end();
                    }
                });
    }

    private void getNothing(String why) throws InterruptedException {
        LOGGER.log(
                System.Logger.Level.WARNING,
                "Workers of %s get no jobs: %s They ask again.".formatted(plan.queue, why));
        TimeUnit.MILLISECONDS.sleep(REFUSED_PAUSE_MILLIS);
    }

    int stuck() {
        return (int) running.stream().filter(one -> one.hold().isStuck()).count();
    }

    /// Takes no more, gives back what has not begun, waits for the rest as long as `time`, and then
    /// interrupts it. Who does not end even then is reported and left behind. May be called again
    /// meanwhile, with less time.
    void close(Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        stopping = true;
        Pending<Taken> asking = pending;
        if (asking != null) {
            asking.cancel();
        }
        joinTaker();
        awaitRunning(Duration.ofNanos(deadline - System.nanoTime()));
        running.forEach(one -> one.hold().interrupt(Hold.Reason.CLOSING));
        awaitRunning(INTERRUPTED_WAIT);
        running.stream().filter(one -> one.hold().isHandling()).forEach(this::leaveBehind);
        closeRest();
    }

    /// Once, also if they are told to stop again because they take their time.
    private synchronized void closeRest() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        if (queue.isOfJobs()) {
            endings.close();
            debounced.close();
            cancels.close();
        }
        presence.close();
        heartbeat.close();
        scribe.close();
        session.close();
    }

    /// A handler that does not end: somebody else gets its job.
    private void leaveBehind(Execution stuck) {
        LOGGER.log(
                System.Logger.Level.ERROR,
                ("The handler of job %s goes on though it was interrupted, because its workers are"
                                + " closed. They do not wait for it any longer; its job is given"
                                + " back, and what it comes to is dropped. It is at: %s")
                        .formatted(stuck.id(), stuck.hold().whereItIs()));
        stuck.hold().interrupt(Hold.Reason.LOST);
        giveBack(stuck.handle(), Duration.ZERO);
    }

    private void joinTaker() {
        try {
            taker.join(TAKER_WAIT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        taker.interrupt();
    }

    private void awaitRunning(Duration wait) {
        try {
            places.awaitIdle(wait);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
