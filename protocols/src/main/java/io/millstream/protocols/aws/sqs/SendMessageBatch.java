package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Puts up to ten messages into a queue, each stored or refused by itself.
record SendMessageBatch(ChannelName queue, Batch<Sending.Wanted> batch) implements Action {
    private static final Set<String> ENTRY_PARAMETERS = entryParameters();

    static SendMessageBatch read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        Batch<Sending.Wanted> batch =
                Batch.read(
                        input,
                        entry -> {
                            entry.allow(ENTRY_PARAMETERS);
                            Outgoing message = Outgoing.read(entry, queue);
                            return new Sending.Wanted(tools.freshId(), message);
                        });
        long bytes = batch.requests().stream().mapToLong(wanted -> wanted.message().bytes()).sum();
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
                "SendMessageBatchResultEntry", wanted -> new Sending(tools, queue, wanted).run());
    }

    private static Set<String> entryParameters() {
        Set<String> parameters = new HashSet<>(Outgoing.PARAMETERS);
        parameters.add("Id");
        return parameters;
    }
}
