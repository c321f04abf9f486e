package io.millstream.protocols.aws.sns;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.Target;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;
import io.millstream.protocols.aws.sqs.Notification;
import io.millstream.protocols.aws.sqs.Steps;
import io.millstream.protocols.aws.sqs.Store;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/// Sends archives again, a few messages at a time. What it knows is in the rows: each step takes
/// effect only if the row is as it was read, together with what it sends, so a message is sent once
/// whatever happens in between.
///
/// Everything but [#wake] and [#close] happens on one thread, that of its executor.
public final class Replayer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replayer.class);
    private static final Duration REST = Duration.ofMillis(500);
    private static final int MESSAGES = 100;
    private static final long BYTES = 1 << 20;

    private final Session session;
    private final Store store;
    private final Steps<String> steps;

    /// Idle.
    ///
    /// @param backend where the archives are
    /// @param session under which they are read
    /// @param executor runs tasks one after the other
    /// @param alarm runs a task once so long has passed
    public Replayer(
            Backend backend,
            Session session,
            Executor executor,
            BiConsumer<Duration, Runnable> alarm) {
        this.session = session;
        this.store = new Store(backend, session, executor);
        this.steps = new Steps<>(LOG, REST, executor, alarm, this::advance);
    }

    /// Goes on with every replay that was running when the server ended.
    public void resume() {
        steps.resume(store, ReplayRow::all, row -> steps.begin(row.key()));
    }

    /// A replay has been begun or called off. Any thread may say so.
    void wake(String id) {
        steps.wake(id);
    }

    /// @return when to go on, or null if there is nothing more to do
    private CompletionStage<@Nullable Duration> advance(String id) {
        return ReplayRow.find(store, id)
                .thenCompose(row ->
                        row == null ? nothing() : find(row).thenCompose(one -> advance(row, one)));
    }

    private CompletionStage<@Nullable Duration> advance(ReplayRow row, @Nullable Subscription one) {
        if (one == null) {
            return clear(row);
        }
        return switch (row.phase()) {
            case ARCHIVE -> read(row);
            case HELD, REST -> handOver(row, one);
            case OVER -> nothing();
        };
    }

    private static CompletionStage<@Nullable Duration> nothing() {
        return CompletableFuture.completedStage(null);
    }

    /// The subscription, or null if it is gone.
    private CompletionStage<@Nullable Subscription> find(ReplayRow row) {
        var query =
                new Query.Bindings(
                        row.topic().host(),
                        row.topic(),
                        new Target.Channel(row.queue()),
                        null,
                        Query.PAGE_ITEMS_MAX);
        return store.find(query)
                .thenApply(page -> {
                    for (View.BindingView view : page.items()) {
                        var one = new Subscription(view.definition(), view.version());
                        if (one.id().equals(row.id())) {
                            return one;
                        }
                    }
                    return null;
                });
    }

    /// Removes what is left of the replays of a subscription that has ended: by itself, or with its
    /// topic or its queue.
    private CompletionStage<@Nullable Duration> clear(ReplayRow row) {
        List<Operation> operations = new ArrayList<>();
        operations.add(row.forget());
        return store.find(new Query.QueueNamed(row.hold()))
                .thenCompose(page -> {
                    if (!page.items().isEmpty()) {
                        operations.add(new Operation.Remove(row.hold(), Expect.Anything.ANYTHING));
                    }
                    return store.find(new Query.ExchangeNamed(row.way()));
                })
                .thenCompose(page -> {
                    if (!page.items().isEmpty()) {
                        operations.add(
                                new Operation.RemoveExchange(
                                        row.way(), false, Expect.Anything.ANYTHING));
                    }
                    LOG.debug("The subscription {} of {} is gone", row.id(), row.topic());
                    return commit(operations);
                });
    }

    private CompletionStage<@Nullable Duration> read(ReplayRow row) {
        ChannelName archive = Archive.channel(row.topic());
        From from =
                row.next() < 0
                        ? new From.Time(archive, 0, row.from())
                        : new From.Offset(archive, 0, row.next());
        TopicReader reader = session.read(from);
        return store.onLoop(reader.next(MESSAGES, BYTES, Duration.ZERO).stage())
                .whenComplete((fetched, failure) -> reader.close())
                .thenCompose(fetched ->
                        switch (fetched) {
                            case Fetched.Records(Instant _, List<TopicRecord> records, long _) ->
                                    send(row, records);
                            // It is there no more, so what is held comes next.
                            case Fetched.Refused _ ->
                                    commit(List.of(row.to(ReplayRow.Phase.HELD, true).write()));
                        });
    }

    private CompletionStage<@Nullable Duration> send(ReplayRow row, List<TopicRecord> records) {
        List<Operation> operations = new ArrayList<>();
        // The mark has been left before, so where there is nothing it has been dropped.
        boolean over = records.isEmpty();
        long next = row.next();
        for (TopicRecord record : records) {
            Instant end = row.policy().end();
            String mark = record.message().header(Replays.MARK).map(Header::text).orElse(null);
            if (row.mark().text().equals(mark) || (end != null && record.stored().isAfter(end))) {
                over = true;
                break;
            }
            next = record.offset() + 1;
            if (mark == null && !record.stored().isBefore(row.policy().begin())) {
                operations.add(
                        new Operation.Publish(
                                row.way(),
                                "",
                                replayed(row, record.message()),
                                Operation.WhenFull.REFUSE));
            }
        }
        ReplayRow now = row.at(next);
        operations.add((over ? now.to(ReplayRow.Phase.HELD, false) : now).write());
        return commit(operations);
    }

    /// As it was, but that it is no duplicate of what it was.
    private static Message replayed(ReplayRow row, Message message) {
        return message.with()
                .header(Notification.REPLAYED)
                .deduplication(message.id() + "." + row.run().substring(0, 8))
                .build();
    }

    private CompletionStage<@Nullable Duration> commit(List<Operation> operations) {
        return store.commit(operations.toArray(Operation[]::new))
                .thenApply(receipt ->
                        switch (receipt) {
                            case Receipt.Committed _ -> Duration.ZERO;
                            // What has changed is looked at again; what is full gets room.
                            case Receipt.Refused refused -> {
                                LOG.debug("A replay has to wait: {}", refused.refusal().text());
                                yield REST;
                            }
                        });
    }

    private CompletionStage<@Nullable Duration> handOver(ReplayRow row, Subscription one) {
        return store.find(new Query.QueueNamed(row.hold()))
                .thenCompose(page -> {
                    boolean there = !page.items().isEmpty();
                    long held = there ? page.items().getFirst().counts().messages() : 0;
                    if (held > ReplayRow.FEW) {
                        return commit(List.of(row.move(), row.write()));
                    }
                    return row.phase() == ReplayRow.Phase.HELD
                            ? turn(row, one, held)
                            : finish(row, held, there);
                });
    }

    /// Has new messages go their usual way, behind the few that are held.
    private CompletionStage<@Nullable Duration> turn(ReplayRow row, Subscription one, long held) {
        List<Operation> operations = new ArrayList<>();
        // Whatever the count was, the move takes all that is held then.
        operations.add(row.move());
        operations.add(
                new Operation.Define(
                        one.replaying(false).binding(), new Expect.Version(one.version())));
        operations.add(new Operation.RemoveExchange(row.way(), false, Expect.Anything.ANYTHING));
        operations.add(row.to(ReplayRow.Phase.REST, false).write());
        operations.addAll(Replays.unbind(row));
        LOG.debug("A replay to {} ends with {} messages held", row.queue(), held);
        return commit(operations);
    }

    private CompletionStage<@Nullable Duration> finish(ReplayRow row, long held, boolean there) {
        List<Operation> operations = new ArrayList<>();
        if (held > 0) {
            operations.add(row.move());
            operations.add(row.write());
        } else {
            operations.add(row.to(ReplayRow.Phase.OVER, false).write());
            if (there) {
                operations.add(new Operation.Remove(row.hold(), Expect.Anything.ANYTHING));
            }
        }
        return commit(operations);
    }

    /// Sends nothing more; the replays stay as they are, for the next start.
    @Override
    public void close() {
        steps.close();
    }
}
