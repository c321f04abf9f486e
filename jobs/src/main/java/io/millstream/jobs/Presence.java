package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Session;
import io.millstream.api.StoppedException;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells everybody which workers there are, what they know and what they do: a row for each, by
/// each of their queues, that goes by itself when they are gone. For people who look; nothing
/// depends on it.
final class Presence implements AutoCloseable {
    private static final String TABLE = "jobs.workers";
    private static final String EVERY = "every";
    private static final String ELSEWHERE = "elsewhere";
    private static final String RESTING = "resting";
    private static final Duration LASTS = Duration.ofMinutes(1);
    private static final Duration BEAT = Duration.ofSeconds(5);
    private static final int BEATS_UNCHANGED = 4;
    private static final int RUNNING_MAX = 1000;

    private final Backend backend;
    private final Session session;
    private final Crew.Plan plan;
    private final Places places;
    private final Gate gate;
    private final Collection<Execution> running;
    private final List<Row> rows;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofVirtual().name("millstream-presence").unstarted(this::beat);

    /// Workers as they said they are.
    ///
    /// @param name what they are called
    /// @param places how many jobs they do at once
    /// @param isForAll whether they do messages of all types
    /// @param types the types of messages that they know besides
    /// @param running the ids of jobs of this queue that they did when they said so
    /// @param elsewhere how many jobs of other queues they did at that moment
    /// @param resting the types that they do not take now, with what fails that these depend on
    record Crews(
            String name,
            int places,
            boolean isForAll,
            Set<String> types,
            Set<String> running,
            int elsewhere,
            Map<String, String> resting) {
        boolean knows(String type) {
            return isForAll || types.contains(type);
        }
    }

    Presence(
            Backend backend,
            Session session,
            Crew.Plan plan,
            Places places,
            Gate gate,
            Collection<Execution> running) {
        this.backend = backend;
        this.session = session;
        this.plan = plan;
        this.places = places;
        this.gate = gate;
        this.running = running;
        String id = UUID.randomUUID().toString();
        this.rows = plan.queues().names().stream().map(queue -> new Row(queue, id)).toList();
    }

    private static String prefix(ChannelName queue) {
        return queue.name() + "/";
    }

    void start() {
        thread.start();
    }

    private void beat() {
        try {
            do {
                rows.forEach(Presence::beat);
            } while (!closed.await(BEAT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException | StoppedException _) {
            // The backend has stopped, which the workers report.
        }
    }

    private static void beat(Row row) {
        try {
            row.beat();
        } catch (StoppedException stopped) {
            throw stopped;
        } catch (MillstreamException _) {
            // It cannot be reached, which the workers report; the next beat says it.
            row.last = Bytes.EMPTY;
        }
    }

    /// What is said of one queue.
    private final class Row {
        private final ChannelName queue;
        private final String key;
        private Bytes last = Bytes.EMPTY;
        private int unchanged;

        Row(ChannelName queue, String id) {
            this.queue = queue;
            this.key = prefix(queue) + id;
        }

        void beat() {
            Bytes now = value();
            unchanged = now.equals(last) ? unchanged + 1 : 0;
            if (unchanged % BEATS_UNCHANGED == 0) {
                say(now);
            }
            last = now;
        }

        private void say(Bytes value) {
            Instant end = RowLook.at(backend, TABLE, key).asOf().plus(LASTS);
            if (closed.getCount() > 0) {
                write(value, end);
            }
        }

        void write(@Nullable Bytes value, @Nullable Instant end) {
            Operation row = new Operation.Write(TABLE, key, value, Expect.Anything.ANYTHING, end);
            var _ = Answer.of(session.commit(Commit.of(row)));
        }

        private Bytes value() {
            List<Execution> all = List.copyOf(running);
            List<String> here =
                    all.stream()
                            .filter(one -> one.handle().queue().equals(queue))
                            .map(Execution::id)
                            .sorted()
                            .toList();
            ObjectNode object = Json.newObject();
            object.put("name", plan.name());
            object.put("places", places.size());
            if (gate.isForAll()) {
                object.put(EVERY, true);
            }
            ArrayNode types = object.putArray("types");
            gate.now().types().stream().sorted().forEach(types::add);
            Map<String, String> resting = gate.resting();
            if (!resting.isEmpty()) {
                ObjectNode byType = object.putObject(RESTING);
                new TreeMap<>(resting).forEach(byType::put);
            }
            ArrayNode ids = object.putArray("running");
            here.stream().limit(RUNNING_MAX).forEach(ids::add);
            if (rows.size() > 1) {
                object.put(ELSEWHERE, all.size() - here.size());
            }
            return Json.bytes(object);
        }
    }

    /// Those of a queue. Blocks.
    static List<Crews> of(Backend backend, ChannelName queue) {
        List<Crews> all = new ArrayList<>();
        new Pages(backend).eachRow(TABLE, prefix(queue), row -> all.add(read(row)));
        return all;
    }

    private static Crews read(View.RowView row) {
        try {
            ObjectNode object = Json.object(row.value());
            return new Crews(
                    object.path("name").asString(""),
                    object.path("places").asInt(0),
                    object.path(EVERY).asBoolean(false),
                    texts(object, "types"),
                    texts(object, "running"),
                    object.path(ELSEWHERE).asInt(0),
                    resting(object));
        } catch (Json.Unreadable _) {
            return new Crews("", 0, false, Set.of(), Set.of(), 0, Map.of());
        }
    }

    private static Map<String, String> resting(ObjectNode object) {
        Map<String, String> resting = new HashMap<>();
        if (object.get(RESTING) instanceof ObjectNode all) {
            all.forEachEntry((type, by) -> resting.put(type, by.asString("")));
        }
        return resting;
    }

    private static Set<String> texts(ObjectNode object, String name) {
        Set<String> texts = new HashSet<>();
        object.path(name).forEach(text -> texts.add(text.asString("")));
        return texts;
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(BEAT);
            rows.forEach(row -> row.write(null, null));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (MillstreamException _) {
            // It goes by itself.
        }
    }
}
