package io.millstream.backends.remote;

import io.millstream.api.Commit;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Refusal;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.wire.Ask;
import io.millstream.wire.Told;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/// One take.
final class RemoteTake implements Pending<Taken> {
    private final RemoteSession session;
    private final Take take;
    private final OneAnswer<Taken> work;
    private final CompletableFuture<Taken> stage = new CompletableFuture<>();
    private final AtomicBoolean cancelled = new AtomicBoolean();

    private RemoteTake(RemoteSession session, Take take) {
        this.session = session;
        this.take = take;
        this.work =
                new OneAnswer<>(
                        session.line().number(),
                        id -> new Ask.Take(id, session.number(), take),
                        told -> told instanceof Told.Took took ? took.taken() : null,
                        RemoteTake::refused);
        var _ = work.answer().whenComplete(this::answered);
    }

    static RemoteTake begin(RemoteSession session, Take take) {
        RemoteTake begun = new RemoteTake(session, take);
        try {
            session.line().ask(begun.work);
        } catch (IllegalArgumentException unsayable) {
            begun.stage.complete(
                    refused(new Refusal.Invalid(String.valueOf(unsayable.getMessage()))));
        }
        return begun;
    }

    private static Taken refused(Refusal refusal) {
        return new Taken.Refused(Instant.now(), refusal);
    }

    private void answered(Taken taken, Throwable failure) {
        if (failure != null) {
            stage.completeExceptionally(failure);
        } else if (cancelled.get()
                && taken instanceof Taken.Leased leased
                && !(take.term() instanceof Term.Auto)) {
            giveBack(leased.leases());
            stage.complete(new Taken.Leased(leased.now(), List.of()));
        } else {
            stage.complete(taken);
        }
    }

    private void giveBack(List<Lease> leases) {
        try {
            var _ =
                    session.commit(
                            leases.stream()
                                    .map(lease ->
                                            Commit.of(
                                                    new Operation.Settle(
                                                            lease.handle(), Outcome.returned())))
                                    .toList());
        } catch (IllegalStateException closed) {
            // They have gone back with the session, or their own time ends them.
        }
    }

    @Override
    public CompletionStage<Taken> stage() {
        return stage;
    }

    @Override
    public void cancel() {
        if (stage.isDone() || !cancelled.compareAndSet(false, true)) {
            return;
        }
        if (session.line().takeBack(work)) {
            stage.complete(new Taken.Leased(Instant.now(), List.of()));
        } else {
            session.line().say(new Ask.End(work.id));
        }
    }
}
