package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Says what a queue is declared to be and how many messages are in it.
record GetQueueAttributes(ChannelName queue, Set<QueueAttribute> names) implements Action {

    static GetQueueAttributes read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        Set<QueueAttribute> names = EnumSet.noneOf(QueueAttribute.class);
        for (String name : input.texts("AttributeNames")) {
            if (name.equals("All")) {
                names.addAll(EnumSet.allOf(QueueAttribute.class));
            } else {
                names.add(QueueAttribute.named(name));
            }
        }
        return new GetQueueAttributes(queue, names);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return tools.store()
                .queue(queue)
                .thenApply(view -> {
                    Tree.Table attributes = Tree.Table.of("Attribute");
                    for (QueueAttribute name : names) {
                        String value = name.value(view, caller);
                        if (value != null) {
                            attributes.rows().put(name.title(), new Tree.Text(value));
                        }
                    }
                    return attributes.rows().isEmpty()
                            ? Tree.Fields.empty()
                            : Tree.Fields.empty().with("Attributes", attributes);
                });
    }
}
