package io.millstream.protocols.aws.sqs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/// Moves the messages of all [MoveTasks], a few at a time. What it knows is in the rows: it goes on
/// after a restart, and several servers of one store do not move the same messages, as each step
/// takes effect only if the row is as it was read.
///
/// Everything but [#wake] and [#close] happens on one thread, that of its executor.
public final class Mover implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mover.class);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration REST = Duration.ofSeconds(1);

    private final Store store;
    private final Steps<ChannelName> steps;

    /// Idle.
    ///
    /// @param backend where the messages are
    /// @param session under which they are moved
    /// @param executor runs tasks one after the other
    /// @param alarm runs a task once so long has passed
    public Mover(
            Backend backend,
            Session session,
            Executor executor,
            BiConsumer<Duration, Runnable> alarm) {
        this.store = new Store(backend, session, executor);
        this.steps = new Steps<>(LOG, REST, executor, alarm, this::advance);
    }

    /// Goes on with every task that was running when the server ended.
    public void resume() {
        steps.resume(store, MoveTasks::all, this::begin);
    }

    private void begin(View.RowView row) {
        MoveTasks tasks = MoveTasks.read(row);
        if (tasks.running().isPresent()) {
            steps.begin(tasks.source());
        }
    }

    /// A task of this queue has been started. Any thread may say so.
    void wake(ChannelName source) {
        steps.wake(source);
    }

    /// Moves what may be moved now.
    ///
    /// @return when to go on, or null if there is nothing more to do
    private CompletionStage<@Nullable Duration> advance(ChannelName source) {
        return MoveTasks.of(store, source)
                .thenCompose(tasks -> {
                    MoveTask task = tasks.running().orElse(null);
                    if (task == null) {
                        return done(null);
                    }
                    long allowance = task.allowance(store.now());
                    return allowance < 1 ? done(PAUSE) : move(tasks, task, allowance);
                });
    }

    private static CompletionStage<@Nullable Duration> done(@Nullable Duration pause) {
        return CompletableFuture.completedStage(pause);
    }

    private CompletionStage<@Nullable Duration> move(
            MoveTasks tasks, MoveTask task, long allowance) {
        int most = (int) Math.min(allowance, Operation.Edit.Move.MESSAGES_MAX);
        return store.commit(
                        tasks.write(),
                        new Operation.Edit.Move(tasks.source(), task.destination(), most))
                .thenCompose(receipt ->
                        switch (receipt) {
                            case Receipt.Refused refused -> refused(tasks, task, refused.refusal());
                            case Receipt.Committed committed -> moved(tasks, task, committed);
                        });
    }

    private CompletionStage<@Nullable Duration> moved(
            MoveTasks tasks, MoveTask task, Receipt.Committed committed) {
        long version = tasks.version();
        long moved = 0;
        for (Receipt.Effect effect : committed.effects()) {
            if (effect instanceof Receipt.Effect.Changed changed) {
                version = changed.version();
            } else if (effect instanceof Receipt.Effect.Edited edited) {
                moved = edited.messages();
            }
        }
        MoveTasks now = tasks.at(version);
        if (moved == 0) {
            return end(now, task);
        }
        long more = moved;
        // Whoever calls the task off meanwhile is told a few less.
        return store.commit(now.with(task, one -> one.withMoved(more, committed.now())).write())
                .thenApply(Mover::next);
    }

    /// There is nothing left that could be moved.
    private CompletionStage<@Nullable Duration> end(MoveTasks tasks, MoveTask task) {
        return store.queue(tasks.source())
                .thenCompose(view -> {
                    boolean all = view.counts().ready() == 0 || task.destination() != null;
                    return all
                            ? end(tasks, task, MoveTask.Status.COMPLETED, null)
                            : end(
                                    tasks,
                                    task,
                                    MoveTask.Status.FAILED,
                                    "CouldNotDetermineMessageSource");
                });
    }

    private CompletionStage<@Nullable Duration> end(
            MoveTasks tasks, MoveTask task, MoveTask.Status how, @Nullable String why) {
        // If somebody else was faster, the next step looks again.
        return store.commit(tasks.with(task, one -> one.ended(how, why)).write())
                .thenApply(Mover::next);
    }

    private static Duration next(Receipt written) {
        return written instanceof Receipt.Committed ? Duration.ZERO : PAUSE;
    }

    private CompletionStage<@Nullable Duration> refused(
            MoveTasks tasks, MoveTask task, Refusal refusal) {
        return switch (refusal) {
            case Refusal.Conflict _ -> done(PAUSE);
            case Refusal.Busy _, Refusal.IsFull _ -> done(REST);
            case Refusal.NoSuchChannel _ ->
                    end(
                            tasks,
                            task,
                            MoveTask.Status.FAILED,
                            SqsError.QUEUE_DOES_NOT_EXIST.fault("").code());
            case Refusal other -> end(tasks, task, MoveTask.Status.FAILED, other.text());
        };
    }

    /// Moves nothing more; the tasks stay as they are, for the next start.
    @Override
    public void close() {
        steps.close();
    }
}
