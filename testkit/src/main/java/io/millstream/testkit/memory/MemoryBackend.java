package io.millstream.testkit.memory;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.Feature;
import io.millstream.api.Found;
import io.millstream.api.Longest;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.View;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.ManualClock;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// A backend in plain maps: the seam's specification in code, for tests. What it holds ends with
/// the process.
///
/// May be used from any thread. Callbacks run in the order in which they were decided, outside the
/// lock, on the thread of whoever called last; on a clock moved by hand nothing else ever happens.
public final class MemoryBackend implements Backend {

    static final String STOPPED = "The memory backend was closed. Open a new one.";
    private static final String KILLED =
            "The memory backend was restarted. Look what has happened and ask again.";

    private final ReentrantLock lock = new ReentrantLock();
    private final Store store;
    private final Commits commits;
    private final Looks looks;
    private final Ticker ticker;
    private final Set<MemorySession> sessions = new LinkedHashSet<>();
    private boolean closed;

    /// Goes by this clock, with a timer thread unless the clock is a [ManualClock].
    public MemoryBackend(TimeSource time) {
        this(time, time instanceof ManualClock ? Ticker.none() : Ticker.thread());
    }

    private MemoryBackend(TimeSource time, Ticker ticker) {
        this.store = new Store(time);
        this.commits = new Commits(store);
        this.looks = new Looks(store);
        this.ticker = ticker;
        time.onMoved(() -> callOrElse(() -> {}, () -> {}));
    }

    /// A backend without a thread of its own: time passes for it when it is called and when the
    /// clock says that it was moved.
    public static MemoryBackend stepped(TimeSource time) {
        return new MemoryBackend(time, Ticker.none());
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                "memory",
                Capabilities.natively(Feature.values()),
                Commits.MESSAGE_BYTES_MAX,
                Long.MAX_VALUE,
                Longest.CENTURY,
                Capabilities.Durability.NONE);
    }

    @Override
    public Session session(SessionSpec spec) {
        MemorySession session = new MemorySession(this, spec);
        callOrThrow(() -> {
            sessions.removeIf(other -> !other.isOpen());
            sessions.add(session);
        });
        return session;
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        return answer(() -> looks.find(query));
    }

    /// As if the process had been killed and started again: sessions are gone and the leases bound
    /// to them are back, timed leases have kept their end but last at least for a grace of 5
    /// seconds.
    public void restart() {
        callOrThrow(() -> {
            sessions.forEach(session -> session.kill(KILLED));
            sessions.clear();
            store.reopen();
        });
    }

    @Override
    public void close() {
        callOrElse(
                () -> {
                    closed = true;
                    sessions.forEach(session -> session.kill(STOPPED));
                    sessions.clear();
                },
                () -> {});
        ticker.stop();
    }

    // What the parts call.

    Store store() {
        return store;
    }

    Commits commits() {
        return commits;
    }

    /// Does `work` under the lock; its result is an answer that leaves in turn with all others.
    <T> CompletionStage<T> answer(Supplier<T> work) {
        CompletableFuture<T> future = new CompletableFuture<>();
        callOrElse(
                () -> {
                    T result = work.get();
                    store.outbox().add(() -> future.complete(result));
                },
                () ->
                        store.outbox()
                                .add(() ->
                                        future.completeExceptionally(
                                                new StoppedException(STOPPED))));
        return future.minimalCompletionStage();
    }

    /// Does `work` under the lock; after the close, nothing.
    void call(Runnable work) {
        callOrElse(work, () -> {});
    }

    /// Does `work` under the lock; after the close, throws.
    void callOrThrow(Runnable work) {
        callOrElse(
                work,
                () -> {
                    throw new StoppedException(STOPPED);
                });
    }

    /// Does `work` under the lock, or `otherwise` after the close, then whatever follows from it.
    void callOrElse(Runnable work, Runnable otherwise) {
        lock.lock();
        try {
            if (closed) {
                otherwise.run();
            } else {
                store.passTime();
                work.run();
                store.handOut();
                ticker.at(store.nextNanos() - store.now().nanos(), this::tick);
            }
        } finally {
            lock.unlock();
        }
        store.outbox().empty();
    }

    private void tick() {
        call(() -> {});
    }

    boolean underLock(Supplier<Boolean> question) {
        lock.lock();
        try {
            return question.get();
        } finally {
            lock.unlock();
        }
    }
}
