package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.View;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// Messages on their way into one queue, each stored or refused by itself.
///
/// What becomes of a message depends on what its queue is declared to be: its delay, and whether
/// and how duplicates are found. The backend checks that this has not changed meanwhile.
final class Sending {
    private static final long TRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    private final Tools tools;
    private final ChannelName queue;
    private final List<Wanted> wanted;
    private final Batch.End[] ends;
    private final long beganNanos = System.nanoTime();

    /// A message and the id that it will have.
    record Wanted(String id, Outgoing message) {}

    Sending(Tools tools, ChannelName queue, List<Wanted> wanted) {
        this.tools = tools;
        this.queue = queue;
        this.wanted = List.copyOf(wanted);
        this.ends = new Batch.End[wanted.size()];
    }

    /// Tells the end of each, in order.
    CompletionStage<List<Batch.End>> run() {
        List<Integer> all = IntStream.range(0, ends.length).boxed().toList();
        return attempt(all).thenApply(done -> Arrays.asList(ends));
    }

    private CompletionStage<?> attempt(List<Integer> which) {
        return tools.declared().of(queue).thenCompose(view -> attempt(which, view));
    }

    private CompletionStage<?> attempt(List<Integer> which, View.QueueView view) {
        List<Step> steps = new ArrayList<>();
        for (int i : which) {
            try {
                steps.add(step(i, view));
            } catch (FaultException e) {
                ends[i] = new Batch.End.Failed(e.fault(), false);
            }
        }
        if (steps.isEmpty()) {
            return CompletableFuture.completedStage(null);
        }
        return tools.store()
                .commit(steps.stream().map(step -> step.commit(view)).toList())
                .thenCompose(receipts -> judge(steps, receipts, view));
    }

    /// A message on its way, as it will be stored.
    ///
    /// @param index its place among those wanted
    /// @param message as it will be stored
    /// @param first by which later duplicates learn of it, or null if none are looked for
    private record Step(
            int index, Message message, SentIds.@org.jspecify.annotations.Nullable Note first) {

        Commit commit(View.QueueView view) {
            ChannelName queue = view.definition().name();
            List<Operation> operations = new ArrayList<>();
            operations.add(
                    new Operation.CheckDefinition(queue, new Expect.Version(view.version())));
            operations.add(new Operation.Put(queue, message, Operation.IfDuplicate.REFUSE));
            if (first != null) {
                operations.add(first.write());
            }
            return Commit.of(operations.toArray(Operation[]::new));
        }
    }

    private Step step(int index, View.QueueView view) {
        Wanted one = wanted.get(index);
        Message message = one.message().message(one.id(), view.definition());
        return new Step(index, message, tools.sentIds().note(view, message));
    }

    private CompletionStage<?> judge(
            List<Step> steps, List<Receipt> receipts, View.QueueView view) {
        List<Integer> again = new ArrayList<>();
        CompletionStage<?> done = CompletableFuture.completedStage(null);
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            switch (receipts.get(i)) {
                case Receipt.Committed committed -> {
                    tools.traffic().sent(1);
                    end(step.index(), wanted.get(step.index()).id(), sequence(committed));
                    done = after(done, tools.sentIds().keep(step.first(), committed.now()));
                }
                case Receipt.Refused refused -> {
                    switch (refused.refusal()) {
                        case Refusal.Duplicate duplicate ->
                                done = after(done, endDuplicate(step, view, duplicate.of()));
                        case Refusal.Conflict _ when mayTryAgain() -> again.add(step.index());
                        case Refusal other -> ends[step.index()] = Batch.End.refused(other);
                    }
                }
            }
        }
        if (again.isEmpty()) {
            return done;
        }
        tools.declared().forget(queue);
        return done.thenCompose(before -> attempt(again));
    }

    private static CompletionStage<?> after(CompletionStage<?> first, CompletionStage<?> second) {
        return first.thenCombine(second, (one, other) -> other);
    }

    private boolean mayTryAgain() {
        return System.nanoTime() - beganNanos < TRY_NANOS_MAX;
    }

    private static long sequence(Receipt.Committed committed) {
        return switch (committed.effects().get(1)) {
            case Receipt.Effect.Stored stored -> stored.sequence();
            case Receipt.Effect other ->
                    throw new IllegalStateException("A put without IfDuplicate.SKIP did " + other);
        };
    }

    private CompletionStage<?> endDuplicate(Step step, View.QueueView view, long of) {
        SentIds.Note note = Objects.requireNonNull(step.first());
        return tools.sentIds().find(note, view, of).thenAccept(id -> end(step.index(), id, of));
    }

    private void end(int index, String id, long sequence) {
        Tree.Fields told = wanted.get(index).message().stored(id, tools.digests());
        if (QueueAddress.isFifo(queue)) {
            told.with("SequenceNumber", SequenceNumber.text(sequence));
        }
        ends[index] = new Batch.End.Done(told);
    }
}
