package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// Changes the attributes that the request names and no others, whoever declared the queue.
record SetQueueAttributes(ChannelName queue, QueueChange change) implements Action {

    static SetQueueAttributes read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        if (!input.has("Attributes")) {
            throw input.missing("Attributes");
        }
        QueueChange change = QueueChange.read(queue, input);
        String fifo = QueueAttribute.FIFO_QUEUE.held(QueueAttribute.usual(queue));
        if (!change.value(QueueAttribute.FIFO_QUEUE, "" + fifo).equals(fifo)) {
            throw QueueAttribute.FIFO_QUEUE.invalid(
                    change.value(QueueAttribute.FIFO_QUEUE, ""),
                    "It is said when a queue is created and stays as it is.");
        }
        return new SetQueueAttributes(queue, change);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return change.checkTarget(tools.store(), caller, "SetQueueAttributes")
                .thenCompose(seen -> Redefining.run(tools.store(), queue, change::applyTo))
                .thenApply(done -> {
                    change.warn();
                    return Tree.NOTHING;
                });
    }
}
