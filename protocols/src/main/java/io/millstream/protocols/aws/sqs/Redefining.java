package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// Changes what a queue is declared to be, whoever declared it.
///
/// @param store where
/// @param queue which
/// @param change makes the new definition of the old one; it may be asked several times
/// @param beganNanos when
record Redefining(
        Store store, ChannelName queue, UnaryOperator<Definition.Queue> change, long beganNanos) {
    /// Each time that it fails, another change has succeeded.
    private static final long TRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    /// Completes when it is done.
    static CompletionStage<?> run(
            Store store, ChannelName queue, UnaryOperator<Definition.Queue> change) {
        return new Redefining(store, queue, change, System.nanoTime()).attempt();
    }

    /// Somebody else may change the definition between our look and our change; then we look again.
    private CompletionStage<Receipt> attempt() {
        return store.queue(queue)
                .thenCompose(view -> {
                    Definition.Queue changed = change.apply(view.definition());
                    return store.commit(
                            new Operation.Define(changed, new Expect.Version(view.version())));
                })
                .thenCompose(receipt -> {
                    if (System.nanoTime() - beganNanos < TRY_NANOS_MAX
                            && receipt instanceof Receipt.Refused refused
                            && refused.refusal() instanceof Refusal.Conflict) {
                        return attempt();
                    }
                    Refusals.committed(receipt);
                    return CompletableFuture.completedStage(receipt);
                });
    }
}
