package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.LinkedHashMap;
import java.util.concurrent.CompletionStage;

/// Says which tags a queue has.
record ListQueueTags(ChannelName queue) implements Action {

    static ListQueueTags read(Input input, Tools tools) {
        return new ListQueueTags(QueueAddress.of(input));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return tools.store()
                .queue(queue)
                .thenApply(view -> {
                    Tree.Table tags = new Tree.Table("Tag", "Key", "Value", new LinkedHashMap<>());
                    QueueTags.of(view.definition())
                            .forEach((key, value) -> tags.rows().put(key, new Tree.Text(value)));
                    return tags.rows().isEmpty()
                            ? Tree.Fields.empty()
                            : Tree.Fields.empty().with("Tags", tags);
                });
    }
}
