package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Operation;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// Puts one message into a queue.
record SendMessage(ChannelName queue, Outgoing message) implements Action {

    static SendMessage read(Input input, Tools tools) {
        return new SendMessage(QueueAddress.of(input), Outgoing.read(input).checked());
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        String id = tools.freshId();
        return tools.store()
                .commit(new Operation.Put(queue, message.message(id)))
                .thenApply(receipt -> {
                    Refusals.committed(receipt);
                    tools.traffic().sent(1);
                    return message.stored(id, tools.digests());
                });
    }
}
