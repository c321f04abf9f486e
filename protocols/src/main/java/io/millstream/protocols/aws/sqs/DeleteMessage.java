package io.millstream.protocols.aws.sqs;

import io.millstream.api.Handle;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// Ends a message.
record DeleteMessage(Deleting.Wanted wanted) implements Action {

    static DeleteMessage read(Input input, Tools tools) {
        Handle handle = tools.handles().read(QueueAddress.of(input), input);
        return new DeleteMessage(new Deleting.Wanted(handle, input));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return new Deleting(tools)
                .run(List.of(wanted))
                .thenApply(ends -> {
                    ends.getFirst().orThrow();
                    return Tree.NOTHING;
                });
    }
}
