package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// Changes the attributes that the request names and no others, whoever declared the queue.
record SetQueueAttributes(ChannelName queue, QueueChange change) implements Action {
    /// Each time that it fails, another change has succeeded.
    private static final long TRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    static SetQueueAttributes read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        if (!input.has("Attributes")) {
            throw input.missing("Attributes");
        }
        return new SetQueueAttributes(queue, QueueChange.read(input));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        long began = System.nanoTime();
        return change.checkTarget(tools.store(), caller, "SetQueueAttributes")
                .thenCompose(seen -> attempt(tools.store(), began));
    }

    /// Somebody else may change the definition between our look and our change; then we look again.
    private CompletionStage<Tree> attempt(Store store, long began) {
        return store.queue(queue)
                .thenCompose(view ->
                        store.commit(
                                new Operation.Define(
                                        change.applyTo(view.definition()),
                                        new Expect.Version(view.version()))))
                .thenCompose(receipt -> {
                    if (System.nanoTime() - began < TRY_NANOS_MAX
                            && receipt instanceof Receipt.Refused refused
                            && refused.refusal() instanceof Refusal.Conflict) {
                        return attempt(store, began);
                    }
                    Refusals.committed(receipt);
                    return CompletableFuture.completedStage(Tree.NOTHING);
                });
    }
}
