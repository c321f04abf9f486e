package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// Removes a queue and all that is in it. The name is free again at once; AWS keeps it for a
/// minute.
record DeleteQueue(ChannelName queue) implements Action {

    static DeleteQueue read(Input input, Tools tools) {
        return new DeleteQueue(QueueAddress.of(input));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return tools.store()
                .commit(new Operation.Remove(queue, Expect.Anything.ANYTHING))
                .thenApply(receipt -> {
                    Refusals.committed(receipt);
                    return Tree.NOTHING;
                });
    }
}
