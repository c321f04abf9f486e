package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Puts up to ten messages into a queue, each stored or refused by itself.
record SendMessageBatch(ChannelName queue, Batch<Ready> batch) implements Action {
    private static final Set<String> ENTRY_PARAMETERS = entryParameters();

    /// A message and the id that it will have.
    record Ready(String id, Outgoing message) {}

    static SendMessageBatch read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        Batch<Ready> batch =
                Batch.read(
                        input,
                        entry -> {
                            entry.allow(ENTRY_PARAMETERS);
                            return new Ready(tools.freshId(), Outgoing.read(entry));
                        });
        long bytes = batch.requests().stream().mapToLong(ready -> ready.message().bytes()).sum();
        if (bytes > Outgoing.BYTES_MAX) {
            throw SqsError.BATCH_REQUEST_TOO_LONG.with(
                    "Batch requests cannot be longer than "
                            + Outgoing.BYTES_MAX
                            + " bytes. You have sent "
                            + bytes
                            + " bytes.");
        }
        return new SendMessageBatch(queue, batch);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return batch.run(
                tools.store(),
                "SendMessageBatchResultEntry",
                ready -> Commit.of(new Operation.Put(queue, ready.message().message(ready.id()))),
                (ready, receipt) -> {
                    tools.traffic().sent(1);
                    return ready.message().stored(ready.id(), tools.digests());
                });
    }

    private static Set<String> entryParameters() {
        Set<String> parameters = new HashSet<>(Outgoing.PARAMETERS);
        parameters.add("Id");
        return parameters;
    }
}
