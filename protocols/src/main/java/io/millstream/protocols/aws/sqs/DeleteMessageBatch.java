package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Ends up to ten messages, each by itself.
record DeleteMessageBatch(Batch<Deleting.Wanted> batch) implements Action {
    private static final Set<String> ENTRY_PARAMETERS = Set.of("Id", "ReceiptHandle");

    static DeleteMessageBatch read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        return new DeleteMessageBatch(
                Batch.read(
                        input,
                        entry -> {
                            entry.allow(ENTRY_PARAMETERS);
                            return new Deleting.Wanted(tools.handles().read(queue, entry), entry);
                        }));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return batch.run("DeleteMessageBatchResultEntry", new Deleting(tools)::run);
    }
}
