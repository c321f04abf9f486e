package io.millstream.junit;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Handle;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.log.Log;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.disk.FaultyDisk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// An engine that can crash without its users noticing more than they must: what they hold speaks
/// to the engine that was started after the crash.
///
/// While a crash is under way, calls reach the engine that is dying and fail as its others do.
final class SurvivingBackend implements Backend {
    private static final int MIB = 1 << 20;

    /// What a server has, so that the same messages fit, but for the memory of the log's end. The
    /// files are holes until they are used.
    private static final Log.Settings LOG = new Log.Settings(64 * MIB, 16, MIB, 4L * MIB);

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long LOOK_NANOS = 1_000_000;

    private final FaultyDisk disk;
    private final EngineOptions options;
    private final OpenLeases leases = new OpenLeases();
    private final Set<SurvivingSession> sessions = ConcurrentHashMap.newKeySet();
    private volatile Engine engine;
    private volatile @Nullable Throwable stoppedBy;

    SurvivingBackend(FaultyDisk disk, ManualClock time) {
        this.disk = disk;
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

    /// Cuts the power and starts again.
    synchronized void crash() {
        // Without power first: what is being synced just now is lost, however long it would take.
        disk.cutPower();
        engine.kill();
        try {
            disk.restorePower();
        } catch (IOException impossible) {
            throw new MillstreamException("A disk in memory failed", impossible);
        }
        stoppedBy = null;
        engine = open();
        sessions.forEach(session -> session.reopen(engine));
    }

    /// Returns the open leases of a queue.
    ///
    /// @return how many there were
    int endLeases(ChannelName queue) {
        List<Commit> returns = new ArrayList<>();
        for (Handle handle : leases.take(queue)) {
            returns.add(
                    Commit.of(
                            new Operation.Settle(handle, Outcome.retry(), Operation.Stale.REFUSE)));
        }
        try (Session session = engine.session(SessionSpec.of("faults"))) {
            List<Receipt> receipts = session.commit(returns).toCompletableFuture().join();
            return (int) receipts.stream().filter(Receipt.Committed.class::isInstance).count();
        }
    }

    /// Waits until the engine has done what is due by its clock, and that is on disk and told.
    ///
    /// The first look is answered after a turn of the engine's loop that may have read the clock
    /// before it was moved, the second after one that has not. What that one decided is answered
    /// behind it, and before the third.
    void awaitEverythingDue() {
        for (int look = 0; look < 3; look++) {
            look();
        }
    }

    private void look() {
        try {
            find(new Query.QueueNamed(ChannelName.of("none"))).toCompletableFuture().join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof MillstreamException stopped ? stopped : failed;
        }
    }

    /// Waits until publishes are taken, or are refused; also if the engine has stopped.
    void awaitPublishes(boolean taken) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (stoppedBy == null && engine.stats().shortage().isEmpty() != taken) {
            if (System.nanoTime() - end > 0) {
                throw new MillstreamException(
                        "After %s the store still %s publishes: %s"
                                .formatted(
                                        PATIENCE,
                                        taken ? "refuses" : "takes",
                                        engine.stats().shortage()));
            }
            // A store that nobody asks for anything looks at its disk once a second only.
            look();
            LockSupport.parkNanos(LOOK_NANOS);
        }
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
    public <V extends View> CompletionStage<Page<V>> find(Query<V> query) {
        return engine.find(query);
    }

    @Override
    public void close() {
        engine.close();
    }
}
