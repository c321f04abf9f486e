package io.millstream.engine;

import io.millstream.api.Found;
import io.millstream.api.Query;
import io.millstream.api.View;

import java.util.concurrent.CompletableFuture;

/// What the loop is asked to do.
sealed interface Command {

    /// Commits, decided one after the other.
    record Commits(CommitWork work) implements Command {}

    /// A take begins to wait.
    record Take(PendingTake take) implements Command {}

    /// A take is called off.
    record CancelTake(PendingTake take) implements Command {}

    /// A read of a topic begins to wait, or is tried again.
    record Read(PendingRead read) implements Command {}

    /// A read is called off.
    record CancelRead(PendingRead read) implements Command {}

    /// A consumer wants deliveries.
    record Consume(Consumer consumer) implements Command {}

    /// A consumer wants no more.
    record EndConsumer(Consumer consumer) implements Command {}

    /// A window has a new size.
    record ResizeWindow(Window window, int messages, long bytes) implements Command {}

    /// A session is over.
    record CloseSession(EngineSession session) implements Command {}

    /// Somebody looks.
    record Find<V extends View>(Query<V> query, CompletableFuture<Found<V>> answer)
            implements Command {}

    /// Somebody watches.
    record StartWatch(Watcher watcher) implements Command {}

    /// Somebody watches no more.
    record EndWatch(Watcher watcher) implements Command {}

    /// Somebody wants to know when nothing is due any more.
    record CatchUp(CompletableFuture<Long> answer) implements Command {}

    /// The engine is to stop in order.
    record Stop() implements Command {}
}
