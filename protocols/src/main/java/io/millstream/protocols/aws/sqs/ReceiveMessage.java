package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Term;
import io.millstream.api.View;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Leases messages to the caller, waiting for the first one if it asked to.
///
/// A caller that leaves while it waits swallows nothing: its take is called off, and what was
/// leased but did not reach its connection goes back to its place.
record ReceiveMessage(
        ChannelName queue,
        int messages,
        @Nullable Integer visibilitySeconds,
        @Nullable Integer waitSeconds,
        @Nullable String attempt,
        Shown shown)
        implements Action {
    private static final int MESSAGES_MAX = 10;
    private static final int WAIT_SECONDS_MAX = 20;

    /// How long a message that is to stay visible is leased, until it is given back: soon.
    private static final Duration MOMENT = Duration.ofSeconds(5);

    /// What of a message the caller wants to see.
    ///
    /// @param attributes those of the sender
    /// @param system those of AWS
    record Shown(NameFilter attributes, Set<SystemAttribute> system) {}

    static ReceiveMessage read(Input input, Tools tools) {
        ChannelName queue = QueueAddress.of(input);
        Integer messages = input.whole("MaxNumberOfMessages");
        if (messages != null && (messages < 1 || messages > MESSAGES_MAX)) {
            throw input.invalid(
                    "MaxNumberOfMessages",
                    messages.toString(),
                    "Must be between 1 and 10, if" + " provided.");
        }
        Integer wait = input.whole("WaitTimeSeconds");
        if (wait != null && (wait < 0 || wait > WAIT_SECONDS_MAX)) {
            throw input.invalid(
                    "WaitTimeSeconds", wait.toString(), "Must be >= 0 and <= 20, if provided.");
        }
        String attempt = Outgoing.token(input, "ReceiveRequestAttemptId");
        if (attempt != null && !QueueAddress.isFifo(queue)) {
            throw input.invalid(
                    "ReceiveRequestAttemptId",
                    attempt,
                    "The request includes a parameter that is not valid for this queue type.");
        }
        return new ReceiveMessage(
                queue,
                messages == null ? 1 : messages,
                ChangeMessageVisibility.visibility(input),
                wait,
                attempt,
                new Shown(new NameFilter(input.texts("MessageAttributeNames")), system(input)));
    }

    private static Set<SystemAttribute> system(Input input) {
        Set<SystemAttribute> names = EnumSet.noneOf(SystemAttribute.class);
        for (String parameter : List.of("MessageSystemAttributeNames", "AttributeNames")) {
            for (String name : input.texts(parameter)) {
                if (name.equals("All")) {
                    names.addAll(EnumSet.allOf(SystemAttribute.class));
                } else {
                    names.add(SystemAttribute.named(name));
                }
            }
        }
        return names;
    }

    @Override
    public CompletionStage<Tree> run(Tools tools, Caller caller) {
        if (visibilitySeconds != null && waitSeconds != null && attempt == null) {
            return receive(tools, caller, visibilitySeconds, waitSeconds)
                    .thenApply(leases -> answer(tools, caller, leases));
        }
        return tools.store()
                .queue(queue)
                .thenCompose(view -> {
                    Definition.Queue usual = view.definition();
                    int visibility =
                            orUsual(visibilitySeconds, QueueAttribute.VISIBILITY_TIMEOUT, usual);
                    int wait =
                            orUsual(
                                    waitSeconds,
                                    QueueAttribute.RECEIVE_MESSAGE_WAIT_TIME_SECONDS,
                                    usual);
                    return attempt == null || visibility == 0
                            ? receive(tools, caller, visibility, wait)
                            : attempt(tools, caller, view, visibility, wait);
                })
                .thenApply(leases -> answer(tools, caller, leases));
    }

    private static int orUsual(
            @Nullable Integer given, QueueAttribute attribute, Definition.Queue queue) {
        return given == null ? attribute.number(queue) : given;
    }

    /// What the same attempt received before, or else what there is. Messages that did not reach
    /// the caller wait for its next attempt.
    private CompletionStage<List<Lease>> attempt(
            Tools tools, Caller caller, View.QueueView view, int visibility, int wait) {
        Attempts attempts = new Attempts(tools);
        String id = Objects.requireNonNull(attempt);
        Duration term = Duration.ofSeconds(visibility);
        Receiving receiving = receiving(tools, caller, term, wait);
        return receiving
                .roomFor(() -> attempts.again(view, id, term))
                .thenCompose(before -> {
                    if (!before.isEmpty()) {
                        return CompletableFuture.completedStage(before);
                    }
                    return receiving
                            .run()
                            .thenCompose(leases ->
                                    attempts.note(view, id, leases)
                                            .thenCompose(noted ->
                                                    noted
                                                            ? CompletableFuture.completedStage(
                                                                    leases)
                                                            : mayReturn(tools, caller, leases)));
                });
    }

    private CompletionStage<List<Lease>> receive(
            Tools tools, Caller caller, int visibility, int wait) {
        Duration term = visibility == 0 ? MOMENT : Duration.ofSeconds(visibility);
        return receiving(tools, caller, term, wait)
                .run()
                .thenCompose(leases ->
                        leases.isEmpty() && wait == 0
                                ? checkLimit(tools)
                                : CompletableFuture.completedStage(leases))
                .thenCompose(leases ->
                        visibility == 0
                                ? stayVisible(tools, leases)
                                : mayReturn(tools, caller, leases));
    }

    private Receiving receiving(Tools tools, Caller caller, Duration term, int wait) {
        return new Receiving(
                tools, caller, queue, messages, new Term.Timed(term), Duration.ofSeconds(wait));
    }

    /// Says so if a receive that does not wait got nothing because too much is in flight. As on
    /// AWS, receives that wait are not told, nor are those of FIFO queues.
    private CompletionStage<List<Lease>> checkLimit(Tools tools) {
        if (QueueAddress.isFifo(queue)) {
            return CompletableFuture.completedStage(List.of());
        }
        return tools.store()
                .queue(queue)
                .thenApply(view -> {
                    int most = view.definition().maxInFlight();
                    if (view.counts().leased() >= most) {
                        throw SqsError.OVER_LIMIT.with(
                                "Too many messages are in flight: "
                                        + most
                                        + " is the limit of this queue. Delete some of them.");
                    }
                    return List.of();
                });
    }

    /// With a visibility timeout of zero the message is shown and counted, and waits in its old
    /// place before the caller sees it. Its handle has ended but still deletes.
    private static CompletionStage<List<Lease>> stayVisible(Tools tools, List<Lease> leases) {
        return Receiving.giveBack(tools, handles(leases), true).thenApply(receipts -> leases);
    }

    private static CompletionStage<List<Lease>> mayReturn(
            Tools tools, Caller caller, List<Lease> leases) {
        if (!leases.isEmpty()) {
            // Not the leases: the messages are not to be kept beside the answer made of them.
            List<Handle> handles = handles(leases);
            caller.onUndelivered(() -> Receiving.giveBack(tools, handles, false));
        }
        return CompletableFuture.completedStage(leases);
    }

    private static List<Handle> handles(List<Lease> leases) {
        return leases.stream().map(Lease::handle).toList();
    }

    private Tree.Fields answer(Tools tools, Caller caller, List<Lease> leases) {
        if (leases.isEmpty()) {
            return Tree.Fields.empty();
        }
        Tree.Items received = Tree.Items.of("Message");
        for (Lease lease : leases) {
            received.items().add(new Incoming(lease, tools).tree(shown, caller));
        }
        tools.traffic().received(leases.size());
        return Tree.Fields.empty().with("Messages", received);
    }
}
