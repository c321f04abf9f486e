package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Commit;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// What runs behind [Workers]: one thread takes jobs as places are free, each job runs on a virtual
/// thread, one platform thread renews the leases of all.
final class Crew implements Taker.Hands {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final Duration INTERRUPTED_WAIT = Duration.ofSeconds(2);

    private final Session session;
    private final List<Execution.Shop> shops = new ArrayList<>();
    private final Places places;
    private final RetryShare retries;
    private final Gate gate;
    private final Set<Execution> running = ConcurrentHashMap.newKeySet();
    private final Cancels cancels;
    private final Presence presence;
    private final Heartbeat heartbeat;
    private final Scribe scribe;
    private final InnerQueue endings;
    private final InnerQueue debounced;
    private final Taker taker;
    private final boolean areOfJobs;
    private boolean isClosed;

    /// @param queues whose jobs they do
    /// @param name what they are called
    /// @param places how many at once
    /// @param retryShare how large a part of them may have failed before, while others wait
    /// @param lease how long a lease lasts that is not renewed
    record Plan(
            Queues queues, String name, Places.Bounds places, double retryShare, Duration lease) {}

    /// @param queues of the plan, in its order
    /// @param circuits what those jobs depend on
    Crew(
            Backend backend,
            Plan plan,
            Handlers handlers,
            List<DeclaredQueue> queues,
            Circuits circuits) {
        this.session =
                backend.session(
                        new SessionSpec(plan.name, Map.of("queue", plan.queues.toString())));
        this.places = new Places(plan.places, System::nanoTime);
        this.retries = new RetryShare(places, plan.retryShare);
        this.gate = new Gate(circuits, handlers, places::most, this::askAnew);
        this.cancels = new Cancels(session, running);
        this.presence = new Presence(backend, session, plan, places, gate, running);
        this.heartbeat = new Heartbeat(session, running, plan.lease);
        Claims claims = new Claims(backend);
        for (DeclaredQueue queue : queues) {
            Teller teller = new Teller(queue);
            shops.add(new Execution.Shop(session, claims, handlers, queue, teller, plan.lease));
        }
        this.scribe = new Scribe(session, running);
        this.endings = new InnerQueue(session, Envelope.ENDED, new Endings(backend, session));
        Debounce debounce = new Debounce(backend, session);
        this.debounced = new InnerQueue(session, Envelope.DEBOUNCED, debounce::look);
        this.areOfJobs = queues.stream().anyMatch(DeclaredQueue::isOfJobs);
        this.taker = new Taker(session, plan, queues, gate, places, this);
    }

    void start() {
        heartbeat.start();
        scribe.start();
        if (areOfJobs) {
            cancels.start();
            endings.start();
            debounced.start();
        }
        gate.open();
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
        askAnew();
    }

    private void askAnew() {
        taker.askAnew();
    }

    List<DownstreamLook> downstreams() {
        return gate.show();
    }

    @Override
    public void take(int queue, Lease lease, Instant now, boolean isBusy) {
        if (!retries.letsIn(lease, isBusy)) {
            giveBack(lease.handle(), RetryShare.pause(lease, ThreadLocalRandom.current()));
            return;
        }
        Gate.Pass pass = gate.enter(lease.message().type());
        if (pass == null) {
            retries.letOut(lease);
            giveBack(lease);
            return;
        }
        start(shops.get(queue), lease, now, pass);
    }

    @Override
    public void giveBack(Lease lease) {
        giveBack(lease.handle(), Duration.ZERO);
    }

    /// Somebody else may have it after this time; it was no attempt.
    private void giveBack(Handle handle, Duration after) {
        var _ =
                session.commit(
                        Commit.of(new Operation.Settle(handle, new Outcome.Retry(after, false))));
    }

    private void start(Execution.Shop shop, Lease lease, Instant takenAt, Gate.Pass pass) {
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
                        ended(execution, lease, pass);
                    }
                });
    }

    /// What it says about what it depends on is known before its place is anybody's.
    private void ended(Execution execution, Lease lease, Gate.Pass pass) {
        try {
            retries.letOut(lease);
            pass.end(execution.sign(), execution.hold());
        } finally {
            places.end();
        }
    }

    int stuck() {
        return (int) running.stream().filter(one -> one.hold().isStuck()).count();
    }

    /// Takes no more, gives back what has not begun, waits for the rest as long as `time`, and then
    /// interrupts it. Who does not end even then is reported and left behind. May be called again
    /// meanwhile, with less time.
    void close(Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        taker.stop();
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
        gate.close();
        if (areOfJobs) {
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

    private void awaitRunning(Duration wait) {
        try {
            places.awaitIdle(wait);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
