package io.millstream.protocols.aws.sqs;

import io.millstream.api.Commit;
import io.millstream.api.Handle;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.View;
import io.millstream.protocols.aws.wire.Fault;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Ends messages, each by itself.
///
/// In a standard queue any genuine handle of a message will do, also one whose visibility timeout
/// has ended. In a FIFO queue it will not, as somebody else may be at work in the message's group
/// by then. A message that is gone already is deleted with success, as AWS does.
///
/// @param tools what it uses
record Deleting(Tools tools) {

    /// A message to be ended.
    ///
    /// @param handle by which it was received
    /// @param input where the handle stands
    record Wanted(Handle handle, Input input) {
        Operation operation() {
            Operation.Stale stale =
                    QueueAddress.isFifo(handle.queue())
                            ? Operation.Stale.REFUSE
                            : Operation.Stale.ACCEPT;
            return new Operation.Settle(handle, Outcome.done(), stale);
        }
    }

    /// Tells the end of each, in order.
    CompletionStage<List<Batch.End>> run(List<Wanted> wanted) {
        return tools.store()
                .commit(wanted.stream().map(Wanted::operation).map(Commit::of).toList())
                .thenCompose(receipts -> {
                    CompletionStage<List<Batch.End>> ends =
                            CompletableFuture.completedStage(new ArrayList<>());
                    for (int i = 0; i < receipts.size(); i++) {
                        CompletionStage<Batch.End> end = end(wanted.get(i), receipts.get(i));
                        ends = ends.thenCombine(end, Deleting::added);
                    }
                    return ends;
                });
    }

    private static List<Batch.End> added(List<Batch.End> ends, Batch.End end) {
        ends.add(end);
        return ends;
    }

    private CompletionStage<Batch.End> end(Wanted wanted, Receipt receipt) {
        if (receipt instanceof Receipt.Refused refused) {
            return refused.refusal() instanceof Refusal.StaleFence
                    ? stale(wanted)
                    : CompletableFuture.completedStage(Batch.End.refused(refused.refusal()));
        }
        tools.traffic().deleted(1);
        return CompletableFuture.completedStage(new Batch.End.Done(Tree.Fields.empty()));
    }

    /// The handle is not good any more: it makes no difference if the message is gone.
    private CompletionStage<Batch.End> stale(Wanted wanted) {
        Handle handle = wanted.handle();
        return tools.store()
                .find(new Query.QueueNamed(handle.queue()))
                .thenCombine(
                        tools.store().find(Attempts.message(handle, 0)),
                        (queues, messages) -> {
                            boolean sameLife =
                                    queues.items().stream()
                                            .map(View.QueueView::incarnation)
                                            .anyMatch(life -> life == handle.incarnation());
                            boolean there =
                                    messages.items().stream()
                                            .anyMatch(seen -> seen.sequence() == handle.sequence());
                            return sameLife && there
                                    ? new Batch.End.Failed(expired(wanted), false)
                                    : new Batch.End.Done(Tree.Fields.empty());
                        });
    }

    private static Fault expired(Wanted wanted) {
        return wanted.input()
                .invalid(
                        "ReceiptHandle",
                        String.valueOf(wanted.input().text("ReceiptHandle")),
                        "The receipt handle has expired.")
                .fault();
    }
}
