package io.millstream.protocols.aws.sqs;

import io.millstream.api.Commit;
import io.millstream.api.Handle;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// Sets how long from now a received message stays invisible; with zero it is visible at once.
record ChangeMessageVisibility(Commit commit) implements Action {
    private static final int SECONDS_MAX = 43_200;

    static ChangeMessageVisibility read(Input input, Tools tools) {
        return new ChangeMessageVisibility(
                commit(tools.handles().read(QueueAddress.of(input), input), input));
    }

    static Commit commit(Handle handle, Input input) {
        Integer seconds = visibility(input);
        if (seconds == null) {
            throw input.missing("VisibilityTimeout");
        }
        Operation change =
                seconds == 0
                        ? new Operation.Settle(handle, Outcome.retry())
                        : new Operation.Extend(handle, Duration.ofSeconds(seconds), true);
        return QueueAddress.isFifo(handle.queue())
                ? Commit.of(change, Attempts.changed(handle))
                : Commit.of(change);
    }

    /// The parameter `VisibilityTimeout` in seconds, or null if it is not there.
    static @Nullable Integer visibility(Input input) {
        Integer seconds = input.whole("VisibilityTimeout");
        if (seconds != null && (seconds < 0 || seconds > SECONDS_MAX)) {
            throw input.invalid(
                    "VisibilityTimeout",
                    seconds.toString(),
                    "VisibilityTimeout must be an integer between 0 and " + SECONDS_MAX + ".");
        }
        return seconds;
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        return change(tools.store(), List.of(commit))
                .thenApply(ends -> {
                    ends.getFirst().orThrow();
                    return Tree.NOTHING;
                });
    }

    /// Does each by itself, and tells the end of each.
    static CompletionStage<List<Batch.End>> change(Store store, List<Commit> commits) {
        return store.commit(commits)
                .thenApply(
                        receipts -> receipts.stream().map(ChangeMessageVisibility::end).toList());
    }

    private static Batch.End end(Receipt receipt) {
        return switch (receipt) {
            case Receipt.Committed _ -> new Batch.End.Done(Tree.Fields.empty());
            case Receipt.Refused refused -> Batch.End.refused(refused.refusal());
        };
    }
}
