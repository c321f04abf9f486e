package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// Takes tags of a queue away; those that it has not are gone already.
record UntagQueue(ChannelName queue, List<String> keys) implements Action {

    static UntagQueue read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        List<String> keys = input.texts("TagKeys");
        if (keys.isEmpty()) {
            throw input.missing("TagKeys");
        }
        return new UntagQueue(queue, keys);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return Redefining.run(
                        tools.store(), queue, definition -> QueueTags.remove(definition, keys))
                .thenApply(done -> Tree.NOTHING);
    }
}
