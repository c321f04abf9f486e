package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Sets the visibility of up to ten messages, each by itself.
record ChangeMessageVisibilityBatch(Batch<Commit> batch) implements Action {
    private static final Set<String> ENTRY_PARAMETERS =
            Set.of("Id", "ReceiptHandle", "VisibilityTimeout");

    static ChangeMessageVisibilityBatch read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        return new ChangeMessageVisibilityBatch(
                Batch.read(
                        input,
                        entry -> {
                            entry.allow(ENTRY_PARAMETERS);
                            return ChangeMessageVisibility.commit(
                                    tools.handles().read(queue, entry), entry);
                        }));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return batch.run(
                "ChangeMessageVisibilityBatchResultEntry",
                commits -> ChangeMessageVisibility.change(tools.store(), commits));
    }
}
