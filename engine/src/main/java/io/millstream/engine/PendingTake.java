package io.millstream.engine;

import io.millstream.api.Pending;
import io.millstream.api.StoppedException;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.engine.state.TypeFilter;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/// A take that waits, or whose leases are on their way.
///
/// Cancelling and delivering meet in one atomic step: either the taker gets the leases, or the loop
/// gives them back.
final class PendingTake implements Pending<Taken> {
    private enum Phase {
        ASKED,
        CANCELLED,
        ANSWERED
    }

    private final EngineSession session;
    private final Take what;
    private final TypeFilter filter;
    private final long askedNanos;
    private final CompletableFuture<Taken> answer = new CompletableFuture<>();
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.ASKED);

    // The loop's own.
    private long channel;
    private final RoomWait roomWait = new RoomWait();
    private boolean waiting;
    private List<Handed> handed = List.of();

    PendingTake(EngineSession session, Take what, long askedNanos) {
        this.askedNanos = askedNanos;
        this.session = session;
        this.what = what;
        this.filter = TypeFilter.of(what.types());
    }

    @Override
    public CompletionStage<Taken> stage() {
        return answer.minimalCompletionStage();
    }

    @Override
    public void cancel() {
        if (phase.compareAndSet(Phase.ASKED, Phase.CANCELLED)) {
            session.cancel(this);
        }
    }

    /// Answers, unless the take was cancelled.
    void answer(Taken taken) {
        if (phase.compareAndSet(Phase.ASKED, Phase.ANSWERED)) {
            answer.complete(taken);
        }
    }

    /// Answers a take that was cancelled, or one that never waited.
    void answerCancelled(Taken taken) {
        answer.complete(taken);
    }

    void fail(StoppedException why) {
        phase.set(Phase.ANSWERED);
        answer.completeExceptionally(why);
    }

    EngineSession session() {
        return session;
    }

    /// When it was asked for, by the monotonic clock.
    long askedNanos() {
        return askedNanos;
    }

    Take what() {
        return what;
    }

    /// Which types it takes.
    TypeFilter filter() {
        return filter;
    }

    long channel() {
        return channel;
    }

    /// How long it has been waiting for room although its time was over.
    RoomWait roomWait() {
        return roomWait;
    }

    boolean isWaiting() {
        return waiting;
    }

    void waits(long newChannel) {
        channel = newChannel;
        waiting = true;
    }

    void waitsNoMore() {
        waiting = false;
    }

    void hands(List<Handed> leases) {
        waiting = false;
        handed = leases;
    }

    List<Handed> handed() {
        return handed;
    }
}
