package io.millstream.protocols.aws.sqs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.View;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/// The backend as one event loop sees it: every stage completes on that loop, never on the
/// backend's own thread, which must not be kept busy.
public final class Store {
    private final Backend backend;
    private final Session session;
    private final Executor loop;
    private Instant lastSeen = Instant.EPOCH;
    private long lastSeenNanos = System.nanoTime();

    /// For one event loop.
    ///
    /// @param backend where everything is
    /// @param session under which it is changed
    /// @param loop runs tasks on the event loop
    public Store(Backend backend, Session session, Executor loop) {
        this.backend = backend;
        this.session = session;
        this.loop = loop;
    }

    /// Commits one after the other, and tells the receipts on the loop.
    public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
        return onLoop(session.commit(commits))
                .thenApply(receipts -> {
                    receipts.forEach(this::saw);
                    return receipts;
                });
    }

    /// Commits, and tells the receipt on the loop.
    public CompletionStage<Receipt> commit(Operation... operations) {
        return onLoop(session.commit(Commit.of(operations)))
                .thenApply(receipt -> {
                    saw(receipt);
                    return receipt;
                });
    }

    /// Looks, and tells on the loop what there is. Fails with [RefusedException] if the backend
    /// does not support the look, which is asked before the door opens.
    public <V extends View> CompletionStage<Page<V>> find(Query<V> query) {
        return onLoop(backend.find(query))
                .thenApply(found -> {
                    saw(found.asOf());
                    return found.page();
                });
    }

    private void saw(Receipt receipt) {
        saw(
                switch (receipt) {
                    case Receipt.Committed committed -> committed.now();
                    case Receipt.Refused refused -> refused.now();
                });
    }

    private void saw(Instant now) {
        lastSeen = now;
        lastSeenNanos = System.nanoTime();
    }

    /// About what time it is by the backend's clock, which need not be this machine's: what it said
    /// last, and the time since.
    public Instant now() {
        return lastSeen.plusNanos(System.nanoTime() - lastSeenNanos);
    }

    /// A time that has passed by the backend's clock: what it said last.
    public Instant seen() {
        return lastSeen;
    }

    /// The queue, or a fault if there is none.
    CompletionStage<View.QueueView> queue(ChannelName name) {
        return find(new Query.QueueNamed(name))
                .thenApply(page -> {
                    if (page.items().isEmpty()) {
                        throw SqsError.QUEUE_DOES_NOT_EXIST.with(Refusals.NO_SUCH_QUEUE);
                    }
                    return page.items().getFirst();
                });
    }

    /// A take that can be called off, with its answer on the loop.
    Taking take(Take take) {
        var pending = session.take(take);
        return new Taking(onLoop(pending.stage()), pending::cancel);
    }

    /// A running take.
    ///
    /// @param stage its end
    /// @param cancel ends it early
    record Taking(CompletionStage<Taken> stage, Runnable cancel) {}

    /// The stage, completing on the loop.
    public <T> CompletionStage<T> onLoop(CompletionStage<T> stage) {
        // Not thenApplyAsync: it would hand a failure on in the backend's thread.
        return stage.whenCompleteAsync((value, failure) -> {}, loop);
    }
}
