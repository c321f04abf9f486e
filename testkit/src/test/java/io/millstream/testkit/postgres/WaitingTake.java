package io.millstream.testkit.postgres;

import io.millstream.api.Lease;
import io.millstream.api.Pending;
import io.millstream.api.Refusal;
import io.millstream.api.StoppedException;
import io.millstream.api.Take;
import io.millstream.api.Taken;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A take until it is answered. On the pump.
final class WaitingTake implements Pending<Taken>, Waiter {

    private final PostgresBackend backend;
    private final PostgresSession session;
    private final Take asked;
    private final CompletableFuture<Taken> future = new CompletableFuture<>();
    private final long askedNanos;
    private long incarnation;

    WaitingTake(PostgresBackend backend, PostgresSession session, Take asked) {
        this.backend = backend;
        this.session = session;
        this.asked = asked;
        this.askedNanos = backend.time().nanos();
    }

    Take asked() {
        return asked;
    }

    /// How long it still waits, by this node's own clock and from when it was asked for: that is
    /// its caller's affair, whatever the database's clock says.
    long leftMillis() {
        Duration waited = Duration.ofNanos(backend.time().nanos() - askedNanos);
        return Math.max(0, Durations.millis(asked.maxWait().minus(waited)));
    }

    void answer(Instant now, List<Lease> leases) {
        backend.handing().remove(asked.queue(), this);
        future.complete(new Taken.Leased(now, leases));
    }

    @Override
    public PostgresSession session() {
        return session;
    }

    @Override
    public long incarnation() {
        return incarnation;
    }

    @Override
    public void waitsAt(long queue) {
        incarnation = queue;
    }

    @Override
    public void refuse(Tx tx, Refusal why) {
        backend.handing().remove(asked.queue(), this);
        future.complete(new Taken.Refused(tx.wall(), why));
    }

    /// Ends it empty, if it still waits.
    @Override
    public void stop() {
        if (!future.isDone()) backend.pump().look(tx -> tx.wall(), now -> answer(now, List.of()));
    }

    void kill(StoppedException why) {
        future.completeExceptionally(why);
    }

    @Override
    public CompletionStage<Taken> stage() {
        return future.minimalCompletionStage();
    }

    @Override
    public void cancel() {
        backend.pump().post(this::stop);
    }
}
