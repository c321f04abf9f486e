package io.millstream.engine;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.Feature;
import io.millstream.api.Found;
import io.millstream.api.Longest;
import io.millstream.api.MillstreamException;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.View;
import io.millstream.engine.io.Disk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// The durable engine: state folded from one log, on one [Disk].
///
/// Five threads, named `millstream-loop`, `-writer`, `-background`, `-reader` and `-answers`, run
/// the steps of [EngineCore]; they must not be interrupted, because an interrupt closes the file it
/// hits.
public final class Engine implements Backend {
    private static final System.Logger LOGGER = System.getLogger(Engine.class.getName());

    private final EngineCore core;
    private final EngineThreads threads;
    private final List<Consumer<Throwable>> stopListeners = new ArrayList<>();
    private @Nullable Throwable stoppedBy;

    private Engine(Disk disk, EngineOptions options) throws IOException {
        this.core = new EngineCore(disk, options);
        this.threads = new EngineThreads(core, this::broken);
    }

    /// Opens the engine on `disk`, which it takes over and closes at the end. Blocks until it is
    /// recovered and its new epoch is durable.
    ///
    /// @throws MillstreamException if it cannot be opened: in use, damaged, full, unreadable; the
    ///   message says which file and what to do, and nothing has been harmed
    public static Engine open(Disk disk, EngineOptions options) {
        try {
            Engine engine = new Engine(disk, options);
            engine.threads.start();
            engine.threads.awaitReady();
            return engine;
        } catch (IOException failed) {
            throw new MillstreamException(String.valueOf(failed.getMessage()), failed);
        }
    }

    /// Opens the engine without threads of its own: whoever steps it decides what happens when. For
    /// simulation.
    public static Stepped openStepped(Disk disk, EngineOptions options) throws IOException {
        Engine engine = new Engine(disk, options);
        return new Stepped(engine);
    }

    /// An engine that is stepped from outside, by one thread.
    public static final class Stepped {
        private final Engine engine;

        private Stepped(Engine engine) {
            this.engine = engine;
        }

        /// The backend.
        public Engine engine() {
            return engine;
        }

        /// One turn of the loop. See [EngineLoop#step].
        ///
        /// @return whether there was anything to do
        public boolean loop() throws IOException {
            return engine.core.loop().step();
        }

        /// One write or one sync.
        ///
        /// @return whether there was anything to do
        public boolean writer() {
            return engine.core.log().writer().step();
        }

        /// One step of preparing files or storing a checkpoint.
        ///
        /// @return whether there was anything to do
        public boolean background() {
            return engine.core.background().step();
        }

        /// One read of a topic's records.
        ///
        /// @return whether there was anything to do
        public boolean reader() {
            return engine.core.reads().step();
        }

        /// Runs the answers that may leave.
        ///
        /// @return whether there were any
        public boolean answers() {
            return engine.core.answers().run();
        }

        /// Whether everything is answered and stored after [#stop].
        public boolean isFinished() {
            return engine.core.loop().isFinished();
        }

        /// Asks the engine to stop in order; it is stepped until [#isFinished].
        public void stop() {
            engine.core.stopSoon();
        }

        /// Fails everything that waits, as a stopped engine does.
        public void abandon() {
            engine.core.abandon();
            engine.core.answers().run();
            engine.core.reads().failAll();
        }

        /// The engine's clock, in milliseconds since 1970.
        public long now() {
            return engine.core.now();
        }

        /// The state's bytes: equal states have equal bytes.
        public byte[] snapshot() {
            return engine.core.snapshot();
        }
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                "engine",
                Capabilities.natively(
                        Feature.QUEUES,
                        Feature.CONSUME,
                        Feature.ATOMIC_COMMIT,
                        Feature.DEAD_LETTER,
                        Feature.RETRY_AFTER,
                        Feature.BROWSE,
                        Feature.ROWS,
                        Feature.WATCH_ROWS,
                        Feature.RETENTION,
                        Feature.PURGE,
                        Feature.MOVE,
                        Feature.DELAY,
                        Feature.TIME_TO_LIVE,
                        Feature.PRIORITY,
                        Feature.GROUPS,
                        Feature.DEDUPLICATION,
                        Feature.CAPACITY,
                        Feature.BACK_OFF,
                        Feature.PAUSE,
                        Feature.UNUSED,
                        Feature.TYPES,
                        Feature.LIMITS,
                        Feature.REPLAY,
                        Feature.CONSUMER_CHOICE,
                        Feature.TOPICS,
                        Feature.ROUTING,
                        Feature.LIFECYCLE,
                        Feature.COMMIT_IDS,
                        Feature.STEADY_TIME),
                core.log().messageBytesMax(),
                core.log().commitBytesMax(),
                Longest.CENTURY,
                Capabilities.Durability.LOCAL_SYNC);
    }

    @Override
    public Session session(SessionSpec spec) {
        return new EngineSession(this, spec);
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        CompletableFuture<Found<V>> answer = new CompletableFuture<>();
        if (!core.inbox().offer(new Command.Find<>(query, answer))) {
            answer.completeExceptionally(stopped());
        }
        return answer;
    }

    /// Has `listener` told, on a thread of its own, if the engine stops by itself: a failed sync,
    /// damage found while reading, a broken invariant; at once, on this thread, if it has stopped
    /// already.
    public void onStopped(Consumer<Throwable> listener) {
        Throwable before;
        synchronized (stopListeners) {
            stopListeners.add(listener);
            before = stoppedBy;
        }
        if (before != null) {
            listener.accept(before);
        }
    }

    /// Begins a backup of everything acknowledged so far, while the engine goes on. It comes when
    /// what it shows is durable; who gets it reads it and closes it. One at a time: a second one is
    /// refused as [io.millstream.api.Refusal.Busy].
    public CompletionStage<Backup> backup() {
        CompletionStage<Backup> answer = core.backups().ask();
        core.looping().give();
        return answer;
    }

    /// Completes when everything has happened that is due by the engine's clock, is durable, and
    /// those whom it concerns have been told: leases have ended, what was delayed is ready and
    /// handed out to those who waited, what is too old is gone. For tests that move the clock.
    ///
    /// Comes with how many entries the engine has made of it all: the same number twice says that
    /// nothing has happened in between.
    public CompletionStage<Long> caughtUp() {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        if (!core.inbox().offer(new Command.CatchUp(answer))) {
            answer.completeExceptionally(stopped());
        }
        return answer;
    }

    /// Figures for those who look inside.
    public EngineStats stats() {
        return core.stats();
    }

    @Override
    public void close() {
        threads.stop();
    }

    /// Stops at once, as if the process had died: nothing is finished, no checkpoint is stored,
    /// what waits fails. For tests of what survives.
    public void kill() {
        threads.kill();
    }

    private void broken(Throwable why) {
        LOGGER.log(
                System.Logger.Level.ERROR,
                "The engine has stopped: "
                        + String.valueOf(why.getMessage()).replaceFirst("\\.$", "")
                        + ". Whether what was not answered was done is unknown.");
        List<Consumer<Throwable>> told;
        synchronized (stopListeners) {
            stoppedBy = why;
            told = List.copyOf(stopListeners);
        }
        told.forEach(listener -> listener.accept(why));
    }

    Inbox inbox() {
        return core.inbox();
    }

    EngineOptions options() {
        return core.options();
    }

    static StoppedException stopped() {
        return new StoppedException(
                "The engine stopped before it answered: whether this was done is unknown. Ask again"
                        + " after the next start.");
    }
}
