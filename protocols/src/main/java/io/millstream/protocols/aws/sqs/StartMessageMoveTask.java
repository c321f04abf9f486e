package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.View;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Begins to move the messages of a dead-letter queue.
record StartMessageMoveTask(
        ChannelName source, @Nullable ChannelName destination, int perSecond, Input input)
        implements Action {
    private static final int PER_SECOND_MAX = 500;

    static StartMessageMoveTask read(Input input, Tools tools) {
        ChannelName source = arn(input, "SourceArn", input.requiredText("SourceArn"));
        String to = input.text("DestinationArn");
        ChannelName destination =
                to == null || to.isEmpty() ? null : arn(input, "DestinationArn", to);
        Integer perSecond = input.whole("MaxNumberOfMessagesPerSecond");
        if (perSecond != null && (perSecond < 1 || perSecond > PER_SECOND_MAX)) {
            throw input.invalid(
                    "MaxNumberOfMessagesPerSecond",
                    perSecond.toString(),
                    "It must be from 1 to " + PER_SECOND_MAX + ".");
        }
        if (source.equals(destination)) {
            throw input.invalid("DestinationArn", to + "", "It is the SourceArn too.");
        }
        if (destination != null
                && QueueAddress.isFifo(source) != QueueAddress.isFifo(destination)) {
            throw input.invalid(
                    "DestinationArn", to + "", "It must be same type of queue as the source.");
        }
        return new StartMessageMoveTask(
                source, destination, perSecond == null ? 0 : perSecond, input);
    }

    /// The queue that the ARN in a parameter names.
    static ChannelName arn(Input input, String name, String arn) {
        ChannelName queue = QueueAddress.ofArn(arn);
        if (queue == null) {
            throw AwsError.INVALID_PARAMETER.with(
                    "You must use this format to specify the "
                            + name
                            + ": arn:<partition>:<service>:<region>:<account-id>:<resource-id>");
        }
        return queue;
    }

    /// The fault that says that the queue of an ARN is not there.
    static FaultException missing(String name) {
        return SqsError.RESOURCE_NOT_FOUND.with(
                "The resource that you specified for the " + name + " parameter doesn't exist.");
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        Store store = tools.store();
        return queue(store, source, "SourceArn")
                .thenCompose(from ->
                        check(store).thenCompose(checked -> start(tools, from.counts().ready())))
                .thenApply(id -> {
                    tools.mover().wake(source);
                    return Tree.Fields.empty()
                            .with("TaskHandle", MoveHandles.write(tools, source, id));
                });
    }

    private static CompletionStage<View.QueueView> queue(
            Store store, ChannelName name, String parameter) {
        return store.find(new Query.QueueNamed(name))
                .thenApply(page -> {
                    if (page.items().isEmpty()) {
                        throw missing(parameter);
                    }
                    return page.items().getFirst();
                });
    }

    private CompletionStage<?> check(Store store) {
        return Sources.of(store, source)
                .first(null, 1, any -> true)
                .thenCompose(sources -> {
                    if (sources.isEmpty()) {
                        throw input.invalid(
                                "SourceArn",
                                input.requiredText("SourceArn"),
                                "Source queue must be configured as a Dead Letter Queue.");
                    }
                    return destination == null
                            ? CompletableFuture.completedStage(null)
                            : queue(store, destination, "DestinationArn");
                });
    }

    private CompletionStage<String> start(Tools tools, long ready) {
        Store store = tools.store();
        return MoveTasks.of(store, source)
                .thenCompose(tasks -> {
                    if (tasks.running().isPresent()) {
                        throw AwsError.INVALID_PARAMETER.with(
                                "There is already a task running. Only one active task is allowed"
                                        + " for a source queue arn at a given time.");
                    }
                    MoveTask task =
                            new MoveTask(
                                    tools.freshId(),
                                    destination,
                                    perSecond,
                                    MoveTask.Status.RUNNING,
                                    0,
                                    ready,
                                    store.now(),
                                    Instant.EPOCH,
                                    0,
                                    null);
                    return store.commit(tasks.with(task).write())
                            .thenCompose(receipt -> {
                                if (receipt instanceof Receipt.Refused refused
                                        && refused.refusal() instanceof Refusal.Conflict) {
                                    return start(tools, ready);
                                }
                                Refusals.committed(receipt);
                                return CompletableFuture.completedStage(task.id());
                            });
                });
    }
}
