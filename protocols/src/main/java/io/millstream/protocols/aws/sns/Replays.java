package io.millstream.protocols.aws.sns;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Target;
import io.millstream.protocols.aws.sqs.Notification;
import io.millstream.protocols.aws.sqs.Store;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/// Begins and ends replays of a topic's archive; the [Replayer] does them.
///
/// One commit leaves a mark in the archive and has what is published from then on held in a queue
/// of its own. So each message is either before the mark, or held, and what is held comes after the
/// archive: the order is kept, and nothing is lost or sent twice.
final class Replays {
    static final String MARK = Notification.PREFIX + "Mark";

    private final Store store;
    private final Replayer replayer;
    private final RandomGenerator random;

    Replays(Store store, Replayer replayer, RandomGenerator random) {
        this.store = store;
        this.replayer = replayer;
        this.random = random;
    }

    /// What begins, or calls off, what the subscription's policy says.
    ///
    /// @param before as it is, or null if it is not there
    /// @param after with the policy; it has been [Subscription#replaying] if there is one
    List<Operation> change(@Nullable Subscription before, Subscription after) {
        ReplayPolicy policy = after.attributes().replay();
        if (policy == null) {
            boolean running = before != null && before.isReplaying();
            return running
                    ? List.of(stopped(after).write(Expect.Anything.ANYTHING))
                    : List.of(ReplayRow.forget(after.id()));
        }
        ReplayRow row =
                ReplayRow.begin(after, new UUID(random.nextLong(), random.nextLong()) + "", policy);
        List<Operation> operations = new ArrayList<>();
        operations.add(
                new Operation.Define(
                        Definition.Queue.builder(row.hold()).groups(Groups.IGNORED).build(),
                        Expect.Anything.ANYTHING));
        operations.add(
                new Operation.Define(
                        Definition.Exchange.of(row.way(), ExchangeKind.FANOUT),
                        Expect.Anything.ANYTHING));
        operations.addAll(bindings(after));
        Message mark = Message.builder("").header(MARK, row.run()).build();
        operations.add(
                new Operation.Append(Archive.channel(after.topic()), 0, List.of(mark), null));
        operations.add(row.write(Expect.Anything.ANYTHING));
        return operations;
    }

    private static ReplayRow stopped(Subscription one) {
        var nothing = new ReplayPolicy(java.time.Instant.EPOCH, null);
        return ReplayRow.begin(one, "", nothing).to(ReplayRow.Phase.HELD, false);
    }

    /// The ways of messages while a replay is running, by the subscription's filter.
    static List<Operation> bindings(Subscription one) {
        return List.of(
                new Operation.Define(
                        one.way(way(one.topic(), ReplayRow.hold(one.id()))),
                        Expect.Anything.ANYTHING),
                new Operation.Define(
                        one.way(way(ReplayRow.way(one.id()), one.channel())),
                        Expect.Anything.ANYTHING));
    }

    private static BindingName way(ChannelName exchange, ChannelName queue) {
        return new BindingName(exchange, new Target.Channel(queue), "", "replay");
    }

    /// What has new messages not be held any more.
    static List<Operation> unbind(ReplayRow row) {
        return List.of(
                new Operation.Unbind(way(row.topic(), row.hold()), Expect.Anything.ANYTHING));
    }

    /// What forgets the replays of a subscription that ends, running ones too.
    List<Operation> end(Subscription one) {
        if (!TopicName.isFifo(one.topic())) {
            return List.of();
        }
        List<Operation> operations = new ArrayList<>();
        operations.add(ReplayRow.forget(one.id()));
        if (one.isReplaying()) {
            operations.add(
                    new Operation.RemoveExchange(
                            ReplayRow.way(one.id()), false, Expect.Anything.ANYTHING));
            operations.add(
                    new Operation.Remove(ReplayRow.hold(one.id()), Expect.Anything.ANYTHING));
        }
        return operations;
    }

    /// Has the replayer look at it.
    void wake(Subscription one) {
        if (one.isReplaying()) {
            replayer.wake(one.id());
        }
    }

    /// How far the latest replay is, in AWS's words, or null if there is none.
    CompletionStage<@Nullable String> status(Subscription one) {
        if (!TopicName.isFifo(one.topic())) {
            return CompletableFuture.completedStage(null);
        }
        return ReplayRow.find(store, one.id())
                .thenApply(row ->
                        row == null || one.attributes().replay() == null
                                ? null
                                : Objects.requireNonNull(row).status());
    }
}
