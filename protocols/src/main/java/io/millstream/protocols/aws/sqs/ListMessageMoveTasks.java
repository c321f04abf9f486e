package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// Tells the latest move tasks of a queue.
record ListMessageMoveTasks(ChannelName source, int limit) implements Action {

    static ListMessageMoveTasks read(Input input, Tools tools) {
        ChannelName source =
                StartMessageMoveTask.arn(input, "SourceArn", input.requiredText("SourceArn"));
        Integer limit = input.whole("MaxResults");
        if (limit != null && (limit < 1 || limit > MoveTasks.TASKS_MAX)) {
            throw input.invalid(
                    "MaxResults", limit.toString(), "MaxResults must be between 1 and 10.");
        }
        return new ListMessageMoveTasks(source, limit == null ? 1 : limit);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return tools.store()
                .find(new Query.QueueNamed(source))
                .thenCompose(page -> {
                    if (page.items().isEmpty()) {
                        throw StartMessageMoveTask.missing("SourceArn");
                    }
                    return MoveTasks.of(tools.store(), source);
                })
                .thenApply(all -> {
                    Tree.Items results = Tree.Items.of("ListMessageMoveTasksResultEntry");
                    all.tasks().stream()
                            .limit(limit)
                            .forEach(task -> results.items().add(tree(task, tools, caller)));
                    return Tree.Fields.empty().with("Results", results);
                });
    }

    private Tree.Fields tree(MoveTask task, Tools tools, Caller caller) {
        String handle = MoveHandles.write(tools, source, task.id());
        Tree.Fields told =
                Tree.Fields.empty()
                        .with("TaskHandle", task.isRunning() ? handle : null)
                        .with("Status", task.status().name())
                        .with("SourceArn", QueueAddress.arn(caller, source));
        if (task.destination() != null) {
            told.with("DestinationArn", QueueAddress.arn(caller, task.destination()));
        }
        if (task.perSecond() > 0) {
            told.with("MaxNumberOfMessagesPerSecond", new Tree.Whole(task.perSecond()));
        }
        return told.with("ApproximateNumberOfMessagesMoved", new Tree.Whole(task.moved()))
                .with("ApproximateNumberOfMessagesToMove", new Tree.Whole(task.toMove()))
                .with("FailureReason", task.failure())
                .with("StartedTimestamp", new Tree.Whole(task.started().toEpochMilli()));
    }
}
