package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lifecycle;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Retention;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;
import io.millstream.testkit.contract.LifecycleFold;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Somebody who has nothing but the lifecycle topic of all queues, and knows what is in them.
final class Follower {
    /// Apart from all other topics.
    static final ChannelName TOPIC = new ChannelName("told", "lifecycle");

    private final Machine machine;

    Follower(Machine machine) {
        this.machine = machine;
    }

    /// The topic is there, for good.
    void begin() throws IOException {
        Session session = machine.engine().engine().session(SessionSpec.of("follower"));
        Definition.Topic topic = Definition.Topic.of(TOPIC).withRetention(Retention.forever());
        var receipts =
                session.commit(
                                List.of(
                                        Commit.of(
                                                new Operation.Define(
                                                        topic, Expect.Nothing.NOTHING))))
                        .toCompletableFuture();
        machine.settle();
        PromiseBroken.unless(
                receipts.isDone() && receipts.join().getFirst() instanceof Receipt.Committed,
                "lifecycle",
                "Its topic cannot be defined");
        session.close();
        machine.settle();
    }

    /// What was told is what there is.
    void compare(Audit.Picture picture, List<TopicRecord> records) {
        LifecycleFold fold = new LifecycleFold();
        for (TopicRecord record : records) {
            try {
                fold.add(Lifecycle.in(record.message()).orElseThrow());
            } catch (IllegalStateException senseless) {
                throw new PromiseBroken("lifecycle", String.valueOf(senseless.getMessage()));
            }
        }
        for (View.QueueView queue : picture.queues()) {
            ChannelName name = queue.definition().name();
            NavigableMap<Long, String> told = new TreeMap<>();
            fold.of(new Lifecycle.Life(name, queue.incarnation()))
                    .forEach((at, held) -> told.put(at, words(held.said(), held.leased())));
            NavigableMap<Long, String> there = new TreeMap<>();
            for (View.MessageView view : picture.messages().getOrDefault(name, List.of())) {
                boolean leased = view.state() == View.MessageState.LEASED;
                boolean known = told.getOrDefault(view.sequence(), "").startsWith("?");
                there.put(view.sequence(), (known ? "?" : view.message().id()) + " " + leased);
            }
            PromiseBroken.unless(
                    told.equals(there),
                    name.toString(),
                    "It is told to have %s, and has %s",
                    Map.copyOf(told),
                    Map.copyOf(there));
        }
    }

    /// Of what came from another queue the id is not told.
    private static String words(Lifecycle.Said said, boolean leased) {
        return (said == null ? "?" : said.id()) + " " + leased;
    }
}
