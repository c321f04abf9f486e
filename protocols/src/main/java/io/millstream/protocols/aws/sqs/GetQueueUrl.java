package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// Says the address of an existing queue.
record GetQueueUrl(ChannelName queue) implements Action {

    static GetQueueUrl read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.named(input);
        String owner = input.text("QueueOwnerAWSAccountId");
        if (owner != null && !owner.equals(QueueAddress.ACCOUNT)) {
            throw SqsError.QUEUE_DOES_NOT_EXIST.with(Refusals.NO_SUCH_QUEUE);
        }
        return new GetQueueUrl(queue);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return tools.store()
                .queue(queue)
                .thenApply(view ->
                        Tree.Fields.empty().with("QueueUrl", QueueAddress.url(caller, queue)));
    }
}
