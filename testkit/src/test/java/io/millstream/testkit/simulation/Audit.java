package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.testkit.simulation.Sent.Attempt;
import io.millstream.testkit.simulation.Sent.Fate;
import io.millstream.testkit.simulation.Sent.Life;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// Looks at everything the engine has while nothing is under way, and compares it with what the
/// history knows. What nobody could know before is known afterwards.
final class Audit {
    private static final int BODY_BYTES = 1 << 20;

    private final Machine machine;
    private final History history;
    private final TopicRecords topic;
    private final RouteRecords routes;
    private final Trace trace;
    private final boolean routesHaveTopics;
    private final Optional<Follower> follower;

    /// All that can be seen.
    record Picture(
            List<View.QueueView> queues,
            Map<ChannelName, List<View.MessageView>> messages,
            List<View.RowView> rows,
            TopicPicture topic,
            RoutePicture routes,
            long now) {}

    /// A message that was found.
    private record Found(View.QueueView queue, View.MessageView view) {}

    /// @param routesHaveTopics whether topics are among what is routed to
    /// @param follower of what queues tell a topic, if they do
    Audit(
            Machine machine,
            History history,
            TopicRecords topic,
            RouteRecords routes,
            boolean routesHaveTopics,
            Optional<Follower> follower,
            Trace trace) {
        this.machine = machine;
        this.history = history;
        this.topic = topic;
        this.routes = routes;
        this.routesHaveTopics = routesHaveTopics;
        this.follower = follower;
        this.trace = trace;
    }

    /// Looks when nothing is left to do: leases that a restart ended may have to wait for room to
    /// be returned, and must not be between two of the questions.
    Picture look() throws IOException {
        machine.settle();
        return look(machine.engine());
    }

    Picture look(Engine.Stepped engine) throws IOException {
        List<View.QueueView> queues = all(engine, after -> new Query.Queues("/", "", after, 3));
        Map<ChannelName, List<View.MessageView>> messages = new TreeMap<>();
        for (View.QueueView queue : queues) {
            ChannelName name = queue.definition().name();
            messages.put(
                    name, all(engine, after -> new Query.Browse(name, BODY_BYTES, after, 100)));
        }
        List<View.RowView> rows = all(engine, after -> new Query.Rows(Rows.TABLE, "", after, 3));
        Page<View.QueueView> last = page(engine, new Query.Queues("/", "", null, 1));
        return new Picture(
                queues,
                messages,
                rows,
                lookAtTopic(engine),
                lookAtRoutes(engine),
                last.asOf().toEpochMilli());
    }

    private RoutePicture lookAtRoutes(Engine.Stepped engine) throws IOException {
        String host = RouteClient.HOST;
        List<View.QueueView> queues = all(engine, after -> new Query.Queues(host, "", after, 3));
        if (queues.isEmpty()
                && page(engine, new Query.Exchanges(host, "", null, 1)).items().isEmpty()) {
            return RoutePicture.NOTHING;
        }
        Map<ChannelName, List<RoutePicture.Found>> messages = new TreeMap<>();
        for (View.QueueView queue : queues) {
            ChannelName name = queue.definition().name();
            List<View.MessageView> views =
                    all(engine, after -> new Query.Browse(name, 0, after, 100));
            messages.put(name, views.stream().map(Audit::found).toList());
        }
        if (routesHaveTopics) {
            for (View.TopicView view : all(engine, after -> new Query.Topics(host, "", after, 3))) {
                lookAtTargets(view, engine, messages);
            }
        }
        return new RoutePicture(
                all(engine, after -> new Query.Exchanges(host, "", after, 2)),
                all(engine, after -> new Query.Bindings(host, null, null, after, 3)),
                messages);
    }

    private static RoutePicture.Found found(View.MessageView view) {
        long due = view.due() == null ? 0 : view.due().toEpochMilli();
        return new RoutePicture.Found(view.sequence(), view.message().id(), due);
    }

    private void lookAtTargets(
            View.TopicView view,
            Engine.Stepped engine,
            Map<ChannelName, List<RoutePicture.Found>> messages)
            throws IOException {
        ChannelName name = view.definition().name();
        List<List<TopicRecord>> records = lookAtRecords(view, engine);
        for (int partition = 0; partition < records.size(); partition++) {
            messages.put(
                    RouteRecords.placeOf(name, partition),
                    records.get(partition).stream()
                            .map(one ->
                                    new RoutePicture.Found(one.offset() + 1, one.message().id(), 0))
                            .toList());
        }
    }

    private TopicPicture lookAtTopic(Engine.Stepped engine) throws IOException {
        List<View.TopicView> views = page(engine, new Query.TopicNamed(TopicClient.TOPIC)).items();
        if (views.isEmpty()) {
            return TopicPicture.NOTHING;
        }
        View.TopicView view = views.getFirst();
        List<List<TopicRecord>> records = lookAtRecords(view, engine);
        List<View.CursorView> cursors =
                all(engine, after -> new Query.Cursors(TopicClient.TOPIC, "", after, 3));
        return new TopicPicture(view, records, cursors);
    }

    private List<TopicRecord> lookAtToldRecords() throws IOException {
        Engine.Stepped engine = machine.engine();
        List<View.TopicView> views = page(engine, new Query.TopicNamed(Follower.TOPIC)).items();
        return views.isEmpty() ? List.of() : lookAtRecords(views.getFirst(), engine).getFirst();
    }

    private List<List<TopicRecord>> lookAtRecords(View.TopicView view, Engine.Stepped engine)
            throws IOException {
        ChannelName name = view.definition().name();
        List<List<TopicRecord>> records = new ArrayList<>();
        Session session = engine.engine().session(SessionSpec.of("audit"));
        for (int partition = 0; partition < view.partitions().size(); partition++) {
            long start = view.partitions().get(partition).start();
            records.add(readAll(engine, session.read(new From.Offset(name, partition, start))));
        }
        session.close();
        machine.settle(engine);
        return records;
    }

    private List<TopicRecord> readAll(Engine.Stepped engine, TopicReader reader)
            throws IOException {
        List<TopicRecord> all = new ArrayList<>();
        while (true) {
            var stage = reader.next(100, BODY_BYTES, Duration.ZERO).stage().toCompletableFuture();
            machine.settle(engine);
            if (!stage.isDone() && machine.isFull()) {
                throw new Machine.FullLog();
            }
            PromiseBroken.unless(stage.isDone(), "engine", "Nobody answers a reader");
            List<TopicRecord> got = ((Fetched.Records) stage.join()).records();
            if (got.isEmpty()) {
                return all;
            }
            all.addAll(got);
        }
    }

    private <V extends View> List<V> all(Engine.Stepped engine, Function<String, Query<V>> query)
            throws IOException {
        List<V> items = new ArrayList<>();
        String after = null;
        do {
            Page<V> page = page(engine, query.apply(after));
            items.addAll(page.items());
            after = page.next();
        } while (after != null);
        return items;
    }

    private <V extends View> Page<V> page(Engine.Stepped engine, Query<V> query)
            throws IOException {
        var stage = engine.engine().find(query).toCompletableFuture();
        machine.settle(engine);
        if (!stage.isDone() && machine.isFull()) {
            throw new Machine.FullLog();
        }
        PromiseBroken.unless(stage.isDone(), "engine", "Nobody answers %s", query);
        return stage.join().page();
    }

    /// Compares, and resolves what was unknown.
    Picture compare() throws IOException {
        Picture picture = look();
        Map<String, Found> found = index(picture);
        List<Attempt> unknown = history.unknown();
        List<Operation> operations =
                unknown.stream().flatMap(attempt -> attempt.operations.stream()).toList();
        history.names().compare(picture.queues, operations);
        for (Attempt attempt : unknown) {
            resolve(attempt, picture, found);
        }
        List<Operation.Write> writes =
                operations.stream()
                        .filter(Operation.Write.class::isInstance)
                        .map(Operation.Write.class::cast)
                        .toList();
        history.rows().compare(picture.rows, writes, picture.now);
        for (Sent sent : history.messages()) {
            compare(sent, found.get(sent.id), picture.now);
        }
        picture.queues.forEach(queue -> requireTrueCounts(queue, picture));
        topic.compare(picture.topic, picture.now);
        routes.compare(picture.routes, picture.now);
        if (follower.isPresent()) {
            follower.get().compare(picture, lookAtToldRecords());
        }
        history.resolved();
        return picture;
    }

    private Map<String, Found> index(Picture picture) {
        Map<String, Found> found = new HashMap<>();
        for (View.QueueView queue : picture.queues) {
            for (View.MessageView view : picture.messages.get(queue.definition().name())) {
                Found before = found.put(view.message().id(), new Found(queue, view));
                PromiseBroken.unless(
                        before == null,
                        view.message().id(),
                        "It is there twice: %s and %s",
                        before,
                        view);
                PromiseBroken.unless(
                        history.message(view.message().id()) != null,
                        view.message().id(),
                        "Nobody sent it");
            }
        }
        return found;
    }

    /// All of a commit happened or nothing.
    private void resolve(Attempt attempt, Picture picture, Map<String, Found> found) {
        boolean happened = false;
        boolean tells = false;
        for (int i = 0; i < attempt.operations.size(); i++) {
            Sent put = attempt.puts[i];
            if (put != null) {
                happened |= put.fate == Fate.STORED || found.containsKey(put.id);
                tells |=
                        !put.mayBeGone()
                                && !history.maySwallow(put)
                                && !history.names().mayDrop(put.origin)
                                && !history.names().mayExpire(put.origin, picture.now - put.stored);
            } else if (attempt.operations.get(i) instanceof Operation.Write write
                    && write.value() != null) {
                happened |= Rows.shows(picture.rows, write);
            }
        }
        boolean done = happened;
        trace.tell(() -> "a commit " + (done ? "happened: " : "perhaps not: ") + Words.of(attempt));
        for (int i = 0; i < attempt.operations.size(); i++) {
            Sent put = attempt.puts[i];
            if (put != null) {
                put.fate = happened ? Fate.STORED : Fate.UNKNOWN;
            }
            if (attempt.operations.get(i) instanceof Operation.Settle && !happened && tells) {
                attempt.leases[i].sent.removers.remove(attempt);
            }
            if (happened
                    && attempt.operations.get(i)
                            instanceof
                            Operation.Settle(
                                    var handle,
                                    io.millstream.api.Outcome.Done outcome,
                                    var stale)
                    && stale == Operation.Stale.REFUSE) {
                attempt.leases[i].sent.gone = "it was settled by a commit that happened";
            }
        }
    }

    private void compare(Sent sent, Found found, long now) {
        if (found == null) {
            boolean excused =
                    sent.fate != Fate.STORED
                            || sent.gone != null
                            || sent.mayBeGone()
                            || history.maySwallow(sent)
                            || history.names().mayDrop(sent.origin)
                            || history.names().mayExpire(sent.origin, now - sent.stored)
                            || history.names().mayBeRemoved(sent.origin);
            PromiseBroken.unless(excused, sent.id, "It is lost");
            if (sent.gone == null) {
                sent.gone = "it was looked for and not there";
            }
            return;
        }
        PromiseBroken.unless(sent.gone == null, sent.id, "It is there, though %s", sent.gone);
        PromiseBroken.unless(
                sent.fate != Fate.REFUSED, sent.id, "It is there, though it was refused");
        PromiseBroken.unless(
                found.view.message().equals(sent.message), sent.id, "It is not what was sent");
        ChannelName name = found.queue.definition().name();
        Life life = history.names().of(name, found.queue.incarnation());
        PromiseBroken.unless(
                history.names().leads(sent.origin, name),
                sent.id,
                "It was sent to %s and is in %s",
                sent.origin,
                name);
        PromiseBroken.unless(
                sent.life != life
                        || sent.sequence == 0
                        || sent.sequence == found.view.sequence()
                        || history.names().isOnCycle(name),
                sent.id,
                "It was at %d and is at %d",
                sent.sequence,
                found.view.sequence());
        history.deliveries().seenStored(sent, found.view.stored());
        PromiseBroken.unless(
                found.view.state() == View.MessageState.LEASED
                        || Names.keeps(found.queue.definition(), now - sent.stored)
                        || machine.isFull(),
                sent.id,
                "It was stored at %d and is in %s at %d",
                sent.stored,
                found.queue.definition(),
                now);
        sent.fate = Fate.STORED;
        // It may have been given up while its dead-letter queue was not there.
        sent.stranded |= sent.removers.stream().anyMatch(Attempt::buries);
        sent.removers.removeIf(attempt -> attempt.answered || history.unknown().contains(attempt));
        sent.atRisk = false;
    }

    private void requireTrueCounts(View.QueueView queue, Picture picture) {
        ChannelName name = queue.definition().name();
        View.QueueCounts counts = queue.counts();
        Map<View.MessageState, Integer> seen = new HashMap<>();
        List<View.MessageView> views = picture.messages.get(name);
        views.forEach(view -> seen.merge(view.state(), 1, Integer::sum));
        boolean same =
                counts.ready() == seen.getOrDefault(View.MessageState.READY, 0)
                        && counts.leased() == seen.getOrDefault(View.MessageState.LEASED, 0)
                        && counts.delayed() == seen.getOrDefault(View.MessageState.DELAYED, 0);
        PromiseBroken.unless(
                same, name.toString(), "The counts are %s, but there are %s", counts, seen);
        long passed = counts.stored() - counts.done() - counts.dead() - counts.expired();
        PromiseBroken.unless(
                passed == views.size()
                        || (history.names().mayBePurged(name) && passed >= views.size()),
                name.toString(),
                "%s do not add up to %d",
                counts,
                views.size());
        PromiseBroken.unless(
                (counts.messages() == 0) == (counts.bytes() == 0), name.toString(), "%s", counts);
    }

    /// After so long a time all that waited for it has come; what is left waits for a dead-letter
    /// target.
    void requireDrained(Picture picture) {
        picture.messages.forEach((queue, views) ->
                views.forEach(view ->
                        PromiseBroken.unless(
                                isStuck(view) || machine.isFull(),
                                view.message().id(),
                                "It is never handed out, and nothing holds it up: %s",
                                view)));
    }

    /// Whether nothing more of these can be handed out: a shortage of heap ends by draining, unless
    /// so much of a queue waits for a dead-letter queue that is not there.
    boolean areHeldUp(Picture picture, List<View.QueueView> queues) {
        return machine.isHeapShort()
                && queues.stream()
                        .map(queue -> picture.messages.get(queue.definition().name()))
                        .allMatch(views ->
                                views.stream().filter(Audit::isStuck).count()
                                        >= Machine.FRESH_ALWAYS);
    }

    private static boolean isStuck(View.MessageView view) {
        return view.state() == View.MessageState.DELAYED && view.due() == null;
    }

    /// After an end at rest everything is as it was, but for what an opening changes.
    void requireSame(Picture before, Picture after) {
        boolean limited =
                before.queues.stream()
                        .anyMatch(queue ->
                                queue.definition().maxAttempts() > 0
                                        || (queue.definition().retention() != null
                                                && queue.counts().leased() > 0));
        if (after.now != before.now || limited) {
            // Time alone changes what is due, and the end of a session's leases what is dead.
            return;
        }
        PromiseBroken.unless(
                before.rows.equals(after.rows), "rows", "%s became %s", before.rows, after.rows);
        PromiseBroken.unless(
                before.topic.equals(after.topic),
                "topic",
                "%s became %s",
                before.topic,
                after.topic);
        PromiseBroken.unless(
                before.routes.equals(after.routes),
                "routes",
                "%s became %s",
                before.routes,
                after.routes);
        Map<ChannelName, View.QueueView> queues = new HashMap<>();
        after.queues.forEach(queue -> queues.put(queue.definition().name(), queue));
        for (View.QueueView queue : before.queues) {
            ChannelName name = queue.definition().name();
            PromiseBroken.unless(
                    atRest(before.messages.get(name)).equals(atRest(after.messages.get(name))),
                    name.toString(),
                    "Its messages %s became %s",
                    atRest(before.messages.get(name)),
                    atRest(after.messages.get(name)));
            PromiseBroken.unless(
                    atRest(queue).equals(atRest(queues.get(name))),
                    name.toString(),
                    "%s became %s",
                    queue,
                    queues.get(name));
        }
    }

    /// Session-bound leases return, and what waited for its time may have come.
    private static Set<Object> atRest(View.QueueView queue) {
        View.QueueCounts counts = queue.counts();
        return Set.of(
                queue.definition(),
                "incarnation " + queue.incarnation(),
                "version " + queue.version(),
                "created " + queue.created(),
                "modified " + queue.modified(),
                "bytes " + counts.bytes(),
                "stored " + counts.stored(),
                "done " + counts.done(),
                "dead " + counts.dead(),
                "expired " + counts.expired());
    }

    private static List<String> atRest(List<View.MessageView> views) {
        return views.stream()
                .map(view ->
                        "%d %s %d %s due %s"
                                .formatted(
                                        view.sequence(),
                                        view.message().id(),
                                        view.deliveries(),
                                        view.stored(),
                                        view.due()))
                .toList();
    }
}
