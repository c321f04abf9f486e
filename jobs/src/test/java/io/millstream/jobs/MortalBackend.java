package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.ChangeSink;
import io.millstream.api.Commit;
import io.millstream.api.Found;
import io.millstream.api.Interest;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.View;
import io.millstream.api.Watch;
import io.millstream.testkit.ForwardingSession;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/// A store as one process sees it that dies after so many commits: the next one is not sent, and
/// nothing is answered from then on. The store lives on, for others.
final class MortalBackend implements Backend {
    private final Backend store;
    private final AtomicInteger commits = new AtomicInteger(Integer.MAX_VALUE);

    MortalBackend(Backend store) {
        this.store = store;
    }

    /// Dies when it is about to do one commit more than so many.
    void dieAfter(int more) {
        commits.set(more);
    }

    boolean isDead() {
        return commits.get() < 0;
    }

    private static <T> CompletableFuture<T> nothing() {
        return CompletableFuture.failedFuture(new StoppedException("The process has died."));
    }

    @Override
    public Capabilities capabilities() {
        return store.capabilities();
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        return isDead() ? nothing() : store.find(query);
    }

    @Override
    public Session session(SessionSpec spec) {
        return new MortalSession(store.session(spec));
    }

    @Override
    public void close() {
        // The store is not this process's to close.
    }

    private final class MortalSession extends ForwardingSession {
        MortalSession(Session session) {
            super(session);
        }

        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> list) {
            boolean dies = isDead() || commits.getAndDecrement() <= 0;
            return dies ? nothing() : session.commit(list);
        }

        @Override
        public Pending<Taken> take(Take take) {
            Pending<Taken> asked = session.take(take);
            CompletionStage<Taken> answer =
                    asked.stage()
                            .thenCompose(taken ->
                                    isDead() ? nothing() : CompletableFuture.completedStage(taken));
            return new Pending<>() {
                @Override
                public CompletionStage<Taken> stage() {
                    return answer;
                }

                @Override
                public void cancel() {
                    asked.cancel();
                }
            };
        }

        @Override
        public Watch watch(Interest what, ChangeSink sink) {
            return session.watch(
                    what,
                    change -> {
                        if (!isDead()) {
                            sink.changed(change);
                        }
                    });
        }
    }
}
