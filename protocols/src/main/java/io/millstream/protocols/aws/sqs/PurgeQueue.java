package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Operation;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// Drops all messages of a queue, those in flight included.
record PurgeQueue(ChannelName queue) implements Action {

    static PurgeQueue read(Input input, Tools tools) {
        return new PurgeQueue(QueueAddress.of(input));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return tools.store()
                .commit(new Operation.Edit.Purge(queue))
                .thenApply(receipt -> {
                    Refusals.committed(receipt);
                    return Tree.NOTHING;
                });
    }
}
