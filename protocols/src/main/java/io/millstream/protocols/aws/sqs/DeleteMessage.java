package io.millstream.protocols.aws.sqs;

import io.millstream.api.Handle;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// Ends a message. Any genuine handle of it will do, also one whose visibility timeout has ended; a
/// message that is gone already is deleted with success, as AWS does.
record DeleteMessage(Handle handle) implements Action {

    static DeleteMessage read(Input input, Tools tools) {
        return new DeleteMessage(tools.handles().read(QueueAddress.of(input), input));
    }

    static Operation operation(Handle handle) {
        return new Operation.Settle(handle, Outcome.done(), Operation.Stale.ACCEPT);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return tools.store()
                .commit(operation(handle))
                .thenApply(receipt -> {
                    Refusals.committed(receipt);
                    tools.traffic().deleted(1);
                    return Tree.NOTHING;
                });
    }
}
