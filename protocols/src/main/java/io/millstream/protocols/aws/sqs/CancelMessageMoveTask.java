package io.millstream.protocols.aws.sqs;

import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Has a running move task move nothing more. What it has moved stays where it is.
record CancelMessageMoveTask(MoveHandles handle) implements Action {

    static CancelMessageMoveTask read(Input input, Tools tools) {
        MoveHandles handle = MoveHandles.read(tools, input.requiredText("TaskHandle"));
        if (handle == null) {
            throw input.invalid(
                    "TaskHandle",
                    input.requiredText("TaskHandle"),
                    "It is not one that StartMessageMoveTask gave.");
        }
        return new CancelMessageMoveTask(handle);
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        Store store = tools.store();
        return MoveTasks.of(store, handle.source())
                .thenCompose(tasks -> {
                    MoveTask task =
                            tasks.tasks().stream()
                                    .filter(one -> one.id().equals(handle.task()))
                                    .findFirst()
                                    .orElseThrow(() ->
                                            SqsError.RESOURCE_NOT_FOUND.with(
                                                    "Task does not exist."));
                    if (!task.isRunning()) {
                        throw AwsError.INVALID_PARAMETER.with(
                                "Only active tasks can be cancelled. This one is "
                                        + task.status()
                                        + ".");
                    }
                    MoveTasks called =
                            tasks.with(task, one -> one.ended(MoveTask.Status.CANCELLED, null));
                    return store.commit(called.write())
                            .thenCompose(receipt -> {
                                if (receipt instanceof Receipt.Refused refused
                                        && refused.refusal() instanceof Refusal.Conflict) {
                                    return run(tools, caller);
                                }
                                Refusals.committed(receipt);
                                return CompletableFuture.completedStage(
                                        Tree.Fields.empty()
                                                .with(
                                                        "ApproximateNumberOfMessagesMoved",
                                                        new Tree.Whole(task.moved())));
                            });
                });
    }
}
