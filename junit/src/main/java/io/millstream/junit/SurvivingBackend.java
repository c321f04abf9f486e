package io.millstream.junit;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Found;
import io.millstream.api.Handle;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.log.Log;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.disk.FaultyDisk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// An engine that can crash without its users noticing more than they must: what they hold speaks
/// to the engine that was started after the crash.
///
/// While a crash is under way, calls reach the engine that is dying and fail as its others do.
final class SurvivingBackend implements Backend {
    private static final int MIB = 1 << 20;

    /// What a server has, so that the same messages fit, but for the memory of the log's end. The
    /// files are holes until they are used.
    private static final Log.Settings LOG = new Log.Settings(64 * MIB, 16, MIB, 4L * MIB);

    private static final long LOOK_NANOS = 1_000_000;

    /// After so many turns in which everything due was done, and something else happened, others
    /// are at work by themselves.
    private static final int TURNS_MAX = 100;

    private final FaultyDisk disk;
    private final ManualClock time;
    private final Patience patience;
    private final EngineOptions options;
    private final OpenLeases leases = new OpenLeases();
    private final Set<SurvivingSession> sessions = ConcurrentHashMap.newKeySet();

    /// Looks that a crash has cut off, to be done again after it.
    private final Queue<Runnable> lostLooks = new ConcurrentLinkedQueue<>();

    private volatile Engine engine;
    private volatile @Nullable Throwable stoppedBy;
    private volatile boolean isCrashing;
    private volatile Duration perSync = Duration.ZERO;

    SurvivingBackend(FaultyDisk disk, ManualClock time, Patience patience) {
        this.disk = disk;
        this.time = time;
        this.patience = patience;
        this.options = EngineOptions.inMemory().withLog(LOG).withTime(time);
        this.engine = open();
    }

    private Engine open() {
        Engine opened = Engine.open(disk, options);
        opened.onStopped(why -> stoppedBy = why);
        return opened;
    }

    /// Why the engine has stopped by itself, or null if it runs.
    @Nullable Throwable stoppedBy() {
        return stoppedBy;
    }

    /// Cuts the power and starts again. On a disk that is too slow for that, it fails behind it.
    synchronized void crash() {
        isCrashing = true;
        try {
            // Without power first: what is being synced just now is lost, however long it would
            // take.
            disk.cutPower();
            engine.kill();
            disk.restorePower();
            stoppedBy = null;
            patience.during(this::reopen, () -> slow(Duration.ZERO), slowStart(perSync));
        } catch (IOException impossible) {
            throw new MillstreamException("A disk in memory failed", impossible);
        } finally {
            isCrashing = false;
            lookAgain();
        }
    }

    private void reopen() {
        engine = open();
        sessions.forEach(session -> session.reopen(engine));
    }

    private static Supplier<String> slowStart(Duration eachSync) {
        return () ->
                "the store had not started again, because each sync of its disk took %s, by"
                                .formatted(eachSync)
                        + " Faults.slowDisk; it is quick now";
    }

    /// Whether a call has failed because the power went, so that the engine that comes back may be
    /// asked again. It is in any case before that one is there: an engine that is killed ends its
    /// calls first.
    boolean isLostInCrash(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return isCrashing && cause instanceof StoppedException;
    }

    /// Returns the open leases of a queue.
    ///
    /// @return how many there were
    int endLeases(ChannelName queue) {
        List<Commit> returns = new ArrayList<>();
        for (Handle handle : leases.take(queue)) {
            returns.add(Commit.of(new Operation.Settle(handle, Outcome.retry())));
        }
        try (Session session = engine.session(SessionSpec.of("faults"))) {
            List<Receipt> receipts = await(session.commit(returns));
            return (int) receipts.stream().filter(Receipt.Committed.class::isInstance).count();
        }
    }

    /// Waits until the engine has done everything that is due by its clock, and that is on disk and
    /// told; and what those who were told did about it at once, on the thread that told them.
    void awaitEverythingDue() {
        long before = await(engine.caughtUp());
        long entries = await(engine.caughtUp());
        for (int turn = 0; turn < TURNS_MAX && entries != before; turn++) {
            before = entries;
            entries = await(engine.caughtUp());
        }
    }

    /// As [#awaitEverythingDue], once; the same number twice says that nothing happened in between.
    long caughtUp() {
        return await(engine.caughtUp());
    }

    private <T> T await(CompletionStage<T> answer) {
        try {
            return patience.bound(answer, this::silence).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof MillstreamException known ? known : failed;
        }
    }

    /// What to say if an answer does not come.
    String silence() {
        return "the store has not answered: " + reasons();
    }

    private String reasons() {
        if (perSync.isPositive()) {
            return "each sync of its disk takes %s, by Faults.slowDisk. Call normalDisk() when it"
                            .formatted(perSync)
                    + " has been slow enough";
        }
        String shortage = engine.stats().shortage();
        return "a sink, or what hangs on a stage of the seam, blocks the thread that answers, or a"
                + " lot is due"
                + (shortage.isEmpty() ? "" : ", or there is no room. " + shortage);
    }

    /// What to say to those who have waited for room.
    String fullness() {
        return "there is still no room for what is published; send() waits until there is, and"
                + " sendAsync() shows the refusal. Call normalDisk() if it was Faults.fullDisk. "
                + engine.stats().shortage();
    }

    /// Waits until publishes are taken, or are refused; also if the engine has stopped.
    void awaitPublishes(boolean taken) {
        long end = System.nanoTime() + patience.time().toNanos();
        while (stoppedBy == null && engine.stats().shortage().isEmpty() != taken) {
            if (System.nanoTime() - end > 0) {
                throw patience.failure(
                        "the store still %s publishes. %s"
                                .formatted(taken ? "refuses" : "takes", engine.stats().shortage()));
            }
            // A store that nobody asks for anything looks at its disk once a second only.
            await(engine.find(new Query.QueueNamed(ChannelName.of("none"))));
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /// From now on each sync takes so much longer.
    void slow(Duration eachSync) {
        disk.slow(eachSync);
        perSync = eachSync;
    }

    Patience patience() {
        return patience;
    }

    /// The test's time.
    Instant now() {
        return time.now();
    }

    FaultyDisk disk() {
        return disk;
    }

    OpenLeases leases() {
        return leases;
    }

    void forget(SurvivingSession session) {
        sessions.remove(session);
    }

    @Override
    public Capabilities capabilities() {
        return engine.capabilities();
    }

    @Override
    public Session session(SessionSpec spec) {
        Engine now = engine;
        SurvivingSession session = new SurvivingSession(this, spec, now);
        sessions.add(session);
        Engine later = engine;
        if (later != now) {
            // A crash came between, and did not see it.
            session.reopen(later);
        }
        return session;
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        CompletableFuture<Found<V>> answer = new CompletableFuture<>();
        find(query, answer);
        return patience.bound(answer, this::silence);
    }

    private <V extends View> void find(Query<V> query, CompletableFuture<Found<V>> answer) {
        Engine asked = engine;
        asked.find(query)
                .whenComplete((found, failure) -> {
                    if (failure == null) {
                        answer.complete(found);
                    } else if (isLostInCrash(failure) || engine != asked) {
                        lostLooks.add(() -> find(query, answer));
                        if (!isCrashing) {
                            lookAgain();
                        }
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
    }

    private void lookAgain() {
        for (Runnable look = lostLooks.poll(); look != null; look = lostLooks.poll()) {
            look.run();
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
