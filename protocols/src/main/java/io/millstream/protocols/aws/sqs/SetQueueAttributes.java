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

/// Changes the attributes that the request names and no others, whoever declared the queue.
record SetQueueAttributes(ChannelName queue, QueueChange change) implements Action {
    private static final int TRIES_MAX = 5;

    static SetQueueAttributes read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        if (!input.has("Attributes")) {
            throw input.missing("Attributes");
        }
        return new SetQueueAttributes(queue, QueueChange.read(input));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return change.checkTarget(tools.store()).thenCompose(seen -> attempt(tools.store(), 1));
    }

    /// Somebody else may change the definition between our look and our change; then we look again.
    private CompletionStage<Tree> attempt(Store store, int tries) {
        return store.queue(queue)
                .thenCompose(view ->
                        store.commit(
                                new Operation.Define(
                                        change.applyTo(view.definition()),
                                        new Expect.Version(view.version()))))
                .thenCompose(receipt -> {
                    if (tries < TRIES_MAX
                            && receipt instanceof Receipt.Refused refused
                            && refused.refusal() instanceof Refusal.Conflict) {
                        return attempt(store, tries + 1);
                    }
                    Refusals.committed(receipt);
                    return CompletableFuture.completedStage(Tree.NOTHING);
                });
    }
}
