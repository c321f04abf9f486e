package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// Takes a statement out of a queue's policy.
record RemovePermission(ChannelName queue, String label, Input input) implements Action {

    static RemovePermission read(Input input, Tools tools) {
        return new RemovePermission(QueueAddress.of(input), AddPermission.label(input), input);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return Redefining.run(tools.store(), queue, this::removed).thenApply(done -> Tree.NOTHING);
    }

    private Definition.Queue removed(Definition.Queue definition) {
        AccessPolicy policy = QueueAttribute.policy(definition);
        if (!policy.has(label)) {
            throw input.invalid("Label", label, "Can't find label on existing policy.");
        }
        return QueueAttribute.POLICY.set(definition, policy.without(label));
    }
}
