package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// Puts one message into a queue.
record SendMessage(ChannelName queue, Outgoing message) implements Action {

    static SendMessage read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        return new SendMessage(queue, Outgoing.read(input, queue).checked());
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        Sending.Wanted wanted = new Sending.Wanted(tools.freshId(), message);
        return new Sending(tools, queue, List.of(wanted))
                .run()
                .thenApply(ends -> ends.getFirst().orThrow());
    }
}
