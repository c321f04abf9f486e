package io.millstream.protocols.aws.sns;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Target;
import io.millstream.api.View;
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
/// archive: the order is kept, and nothing is lost or sent twice. One that is begun again while it
/// reads the archive keeps its mark, as what is held has been published behind that one.
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

    /// What begins the first replay of a subscription that has been [Subscription#replaying].
    List<Operation> begin(Subscription one, ReplayPolicy policy) {
        return begin(one, policy, Expect.Anything.ANYTHING);
    }

    /// What begins, or calls off, what the subscription's policy says.
    ///
    /// @param after the subscription; it has been [Subscription#replaying] if there is a policy
    CompletionStage<List<Operation>> change(Subscription after) {
        ReplayPolicy policy = after.attributes().replay();
        return ReplayRow.find(store, after.id())
                .thenCompose(row -> {
                    if (policy == null) {
                        return done(row == null ? List.of() : callOff(row));
                    }
                    return row == null
                            ? done(begin(after, policy))
                            : beginAgain(row, after, policy);
                });
    }

    private static CompletionStage<List<Operation>> done(List<Operation> operations) {
        return CompletableFuture.completedStage(operations);
    }

    private static List<Operation> callOff(ReplayRow row) {
        return switch (row.phase()) {
            case ARCHIVE -> List.of(row.to(ReplayRow.Phase.HELD, false).write());
            // What is held has to be handed over all the same.
            case HELD, REST -> List.of();
            case OVER -> List.of(row.forget());
        };
    }

    private CompletionStage<List<Operation>> beginAgain(
            ReplayRow row, Subscription after, ReplayPolicy policy) {
        return switch (row.phase()) {
            case ARCHIVE -> done(List.of(row.again(id(), policy).write()));
            case HELD, REST -> handOver(row, after, policy);
            case OVER -> done(begin(after, policy, new Expect.Version(row.version())));
        };
    }

    /// What an earlier replay still holds is older than the mark of the next one, so the queue gets
    /// it first.
    private CompletionStage<List<Operation>> handOver(
            ReplayRow row, Subscription after, ReplayPolicy policy) {
        return store.find(new Query.QueueNamed(row.hold()))
                .thenCompose(page -> {
                    List<Operation> operations = new ArrayList<>();
                    for (View.QueueView held : page.items()) {
                        if (held.counts().messages() > ReplayRow.FEW) {
                            return store.commit(row.move(), row.write())
                                    .thenCompose(receipt -> {
                                        if (!Topics.isConflict(receipt)) {
                                            SnsError.committed(receipt);
                                        }
                                        return change(after);
                                    });
                        }
                        operations.add(row.move());
                    }
                    operations.addAll(begin(after, policy, new Expect.Version(row.version())));
                    return done(operations);
                });
    }

    private List<Operation> begin(Subscription one, ReplayPolicy policy, Expect expect) {
        ReplayRow row = ReplayRow.begin(one, id(), store.seen(), policy);
        List<Operation> operations = new ArrayList<>();
        operations.add(
                new Operation.Define(
                        Definition.Queue.builder(row.hold()).groups(Groups.IGNORED).build(),
                        Expect.Anything.ANYTHING));
        operations.add(
                new Operation.Define(
                        Definition.Exchange.of(row.way(), ExchangeKind.FANOUT),
                        Expect.Anything.ANYTHING));
        operations.addAll(bindings(one));
        Message mark = Message.builder("").header(MARK, row.mark().text()).build();
        operations.add(new Operation.Append(Archive.channel(one.topic()), 0, List.of(mark), null));
        operations.add(row.write(expect));
        return operations;
    }

    private String id() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
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

    /// What forgets the running replay of a subscription that ends.
    List<Operation> end(Subscription one) {
        return one.isReplaying()
                ? List.of(
                        ReplayRow.forget(one.id()),
                        new Operation.RemoveExchange(
                                ReplayRow.way(one.id()), false, Expect.Anything.ANYTHING),
                        new Operation.Remove(ReplayRow.hold(one.id()), Expect.Anything.ANYTHING))
                : List.of();
    }

    /// Has the replayer look at it: a replay has begun, or the subscription has ended.
    void wake(Subscription one) {
        if (TopicName.isFifo(one.topic())) {
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
