package io.millstream.junit;

import io.millstream.api.Found;
import io.millstream.api.Page;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A take whose leases are noted, and which really ends. A crash fails it, because what it was
/// about to get is unknown.
final class SurvivingTake implements Pending<Taken> {
    private final SurvivingBackend backend;
    private final Take what;
    private final Pending<Taken> pending;
    private final WaitLimit limit;
    private final CompletableFuture<Taken> answer = new CompletableFuture<>();

    SurvivingTake(SurvivingBackend backend, Take what, Pending<Taken> pending) {
        this.backend = backend;
        this.what = what;
        this.pending = pending;
        this.limit =
                new WaitLimit(
                        backend.patience(),
                        what.maxWait(),
                        pending::cancel,
                        () -> fail(backend.patience().failure(backend.silence())));
    }

    void begin() {
        limit.begin();
        pending.stage().whenComplete(this::answered);
    }

    private void answered(@Nullable Taken taken, @Nullable Throwable failure) {
        limit.end();
        if (taken == null) {
            fail(failure);
        } else if (taken instanceof Taken.Leased leased
                && leased.leases().isEmpty()
                && limit.isInVain()) {
            backend.find(new Query.QueueNamed(what.queue())).whenComplete(this::nothingCame);
        } else {
            if (taken instanceof Taken.Leased leased) {
                backend.leases().handedOut(leased.leases());
            }
            answer.complete(taken);
        }
    }

    private void nothingCame(@Nullable Found<View.QueueView> found, @Nullable Throwable failure) {
        String holds = "";
        if (found instanceof Page<View.QueueView> page && !page.items().isEmpty()) {
            View.QueueCounts counts = page.items().getFirst().counts();
            holds =
                    ", which holds %d ready, %d leased and %d delayed messages"
                            .formatted(counts.ready(), counts.leased(), counts.delayed());
        }
        fail(
                backend.patience()
                        .failure(
                                ("nothing has come from queue %s%s. Its receiver waits for %s by"
                                                + " the test's clock, which stands at %s")
                                        .formatted(
                                                what.queue(),
                                                holds,
                                                what.maxWait(),
                                                backend.now())));
    }

    private void fail(@Nullable Throwable failure) {
        limit.end();
        answer.completeExceptionally(
                failure == null ? new IllegalStateException("No answer") : failure);
    }

    @Override
    public CompletionStage<Taken> stage() {
        return answer.minimalCompletionStage();
    }

    @Override
    public void cancel() {
        pending.cancel();
    }
}
