package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// Gives a queue tags, beside those that it has.
record TagQueue(ChannelName queue, QueueTags tags) implements Action {

    static TagQueue read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        QueueTags tags = QueueTags.read(input, "Tags");
        if (tags.values().isEmpty()) {
            throw input.missing("Tags");
        }
        return new TagQueue(queue, tags.checked(queue));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return Redefining.run(tools.store(), queue, tags::addTo).thenApply(done -> Tree.NOTHING);
    }
}
