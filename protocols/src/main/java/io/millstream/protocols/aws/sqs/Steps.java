package io.millstream.protocols.aws.sqs;

import io.millstream.api.Query;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/// Does work that is noted in rows, a step at a time and for each key one step at once, for as long
/// as there is something to do. It knows nothing but what is under way.
///
/// Everything but [#wake] and [#close] happens on one thread, that of its executor.
///
/// @param <K> what work is for
public final class Steps<K> implements AutoCloseable {
    private final Logger log;
    private final Duration rest;
    private final Executor executor;
    private final BiConsumer<Duration, Runnable> alarm;
    private final Work<K> work;
    private final Set<K> busy = new HashSet<>();
    private final Set<K> woken = new HashSet<>();
    private volatile boolean closed;

    /// Does one step.
    ///
    /// @param <K> what work is for
    public interface Work<K> {
        /// @return when to go on, or null if there is nothing more to do
        CompletionStage<@Nullable Duration> step(K key);
    }

    /// Idle.
    ///
    /// @param log told of steps that failed
    /// @param rest how long to wait after one
    /// @param executor runs tasks one after the other
    /// @param alarm runs a task once so long has passed
    public Steps(
            Logger log,
            Duration rest,
            Executor executor,
            BiConsumer<Duration, Runnable> alarm,
            Work<K> work) {
        this.log = log;
        this.rest = rest;
        this.executor = executor;
        this.alarm = alarm;
        this.work = work;
    }

    /// Goes on with what was under way when the server ended.
    ///
    /// @param rows finds a page of rows, those behind a place or the first ones
    /// @param found begins what a row notes, if it is not done
    public void resume(
            Store store,
            Function<@Nullable String, Query<View.RowView>> rows,
            Consumer<View.RowView> found) {
        executor.execute(() -> lookBehind(null, store, rows, found));
    }

    private void lookBehind(
            @Nullable String after,
            Store store,
            Function<@Nullable String, Query<View.RowView>> rows,
            Consumer<View.RowView> found) {
        if (closed) {
            return;
        }
        store.find(rows.apply(after))
                .whenComplete((page, failure) -> {
                    if (failure != null) {
                        later(rest, () -> lookBehind(after, store, rows, found));
                        return;
                    }
                    page.items().forEach(found);
                    if (page.next() != null) {
                        lookBehind(page.next(), store, rows, found);
                    }
                });
    }

    /// There may be something to do. Any thread may say so.
    public void wake(K key) {
        executor.execute(() -> begin(key));
    }

    /// The same, said on the executor's thread.
    public void begin(K key) {
        if (busy.add(key)) {
            step(key);
        } else {
            // What is under way may have looked before it was there.
            woken.add(key);
        }
    }

    private void step(K key) {
        if (closed) {
            return;
        }
        started(key)
                .whenComplete((pause, failure) -> {
                    if (failure != null) {
                        log.debug("A step for {} failed and is tried again", key, failure);
                        later(rest, () -> step(key));
                    } else if (pause != null) {
                        later(pause, () -> step(key));
                    } else if (woken.remove(key)) {
                        step(key);
                    } else {
                        busy.remove(key);
                    }
                });
    }

    private void later(Duration pause, Runnable what) {
        if (pause.isZero()) {
            executor.execute(what);
        } else if (!closed) {
            alarm.accept(pause, what);
        }
    }

    /// A step, or why it could not even be begun, as a stage.
    private CompletionStage<@Nullable Duration> started(K key) {
        try {
            return work.step(key);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    /// Does nothing more; what is noted stays, for the next start.
    @Override
    public void close() {
        closed = true;
    }
}
