package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// Makes a queue. If there is one of that name already, whoever declared it, it succeeds as long as
/// the attributes that this request names have the values that it names. Tags are not compared, and
/// those of a queue that is there stay as they are.
record CreateQueue(ChannelName queue, QueueChange change, QueueTags tags) implements Action {
    private static final long TRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    static CreateQueue read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.named(input);
        QueueChange change = QueueChange.read(queue, input);
        boolean fifo = change.value(QueueAttribute.FIFO_QUEUE, "false").equals("true");
        if (fifo && !QueueAddress.isFifo(queue)) {
            throw input.invalid(
                    "QueueName",
                    queue.name(),
                    "The name of a FIFO queue can only include alphanumeric characters, hyphens, or"
                            + " underscores, must end with .fifo suffix and be 1 to 80 in length.");
        }
        if (!fifo && QueueAddress.isFifo(queue)) {
            throw input.invalid(
                    "QueueName",
                    queue.name(),
                    "Only the name of a FIFO queue ends with .fifo. Give the attribute FifoQueue"
                            + " with the value true.");
        }
        // JSON says it in small letters, the query protocol in the plural of its Tag.
        QueueTags tags = QueueTags.read(input, input.has("tags") ? "tags" : "Tags");
        return new CreateQueue(queue, change, tags.checked(queue));
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        long began = System.nanoTime();
        return change.checkTarget(tools.store(), caller, "CreateQueue")
                .thenCompose(seen -> attempt(tools.store(), began))
                .thenApply(done ->
                        Tree.Fields.empty().with("QueueUrl", QueueAddress.url(caller, queue)));
    }

    private CompletionStage<ChannelName> attempt(Store store, long began) {
        Definition.Queue definition = tags.addTo(change.applyTo(QueueAttribute.usual(queue)));
        return store.commit(new Operation.Define(definition, Expect.Nothing.NOTHING))
                .thenCompose(receipt -> {
                    if (receipt instanceof Receipt.Refused refused
                            && refused.refusal() instanceof Refusal.Conflict) {
                        return compare(store, began);
                    }
                    Refusals.committed(receipt);
                    change.warn();
                    return CompletableFuture.completedStage(queue);
                });
    }

    /// The queue may be removed between our define and our look; then we define it again.
    private CompletionStage<ChannelName> compare(Store store, long began) {
        return store.find(new Query.QueueNamed(queue))
                .thenCompose(page -> {
                    if (page.items().isEmpty() && System.nanoTime() - began < TRY_NANOS_MAX) {
                        return attempt(store, began);
                    }
                    for (var view : page.items()) {
                        check(view.definition());
                    }
                    return CompletableFuture.completedStage(queue);
                });
    }

    private void check(Definition.Queue existing) {
        QueueAttribute difference = change.difference(existing);
        if (difference != null) {
            throw SqsError.QUEUE_NAME_EXISTS.with(
                    "A queue already exists with the same name and a different value for attribute "
                            + difference.title()
                            + ".");
        }
    }
}
