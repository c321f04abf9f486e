package io.millstream.protocols.aws.sqs;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/// The tasks that move messages out of one queue, the latest first: a row of the table `sqs.moves`
/// under the queue's name, in JSON. At most one of them is running.
///
/// @param source the queue
/// @param tasks at most as many as AWS tells
/// @param version of the row, or 0 if there is none
record MoveTasks(ChannelName source, List<MoveTask> tasks, long version) {
    /// How many tasks of a queue are remembered.
    static final int TASKS_MAX = 10;

    private static final String TABLE = "sqs.moves";
    private static final JsonMapper JSON = new JsonMapper();

    MoveTasks {
        tasks = List.copyOf(tasks);
    }

    /// Those of one queue.
    static CompletionStage<MoveTasks> of(Store store, ChannelName source) {
        return store.find(new Query.Rows(TABLE, source.name(), null, 1))
                .thenApply(page ->
                        page.items().stream()
                                .filter(row -> row.key().equals(source.name()))
                                .findFirst()
                                .map(MoveTasks::read)
                                .orElseGet(() -> new MoveTasks(source, List.of(), 0)));
    }

    /// The tasks of all queues behind a name, a page of them.
    static Query.Rows all(@Nullable String after) {
        return new Query.Rows(TABLE, "", after, Query.PAGE_ITEMS_MAX);
    }

    static MoveTasks read(View.RowView row) {
        List<MoveTask> tasks = new ArrayList<>();
        for (JsonNode task : JSON.readTree(row.value().utf8())) {
            tasks.add(read(task));
        }
        return new MoveTasks(ChannelName.of(row.key()), tasks, row.version());
    }

    private static MoveTask read(JsonNode task) {
        String destination = task.path("destination").asString("");
        String failure = task.path("failure").asString("");
        return new MoveTask(
                task.path("id").asString(),
                destination.isEmpty() ? null : ChannelName.of(destination),
                task.path("perSecond").asInt(),
                MoveTask.Status.valueOf(task.path("status").asString()),
                task.path("moved").asLong(),
                task.path("toMove").asLong(),
                Instant.ofEpochMilli(task.path("started").asLong()),
                Instant.ofEpochMilli(task.path("second").asLong()),
                task.path("movedInSecond").asLong(),
                failure.isEmpty() ? null : failure);
    }

    /// Writes these tasks unless somebody else has written meanwhile.
    Operation write() {
        ArrayNode all = JSON.createArrayNode();
        for (MoveTask task : tasks) {
            ObjectNode one = all.addObject();
            one.put("id", task.id())
                    .put("perSecond", task.perSecond())
                    .put("status", task.status().name())
                    .put("moved", task.moved())
                    .put("toMove", task.toMove())
                    .put("started", task.started().toEpochMilli())
                    .put("second", task.second().toEpochMilli())
                    .put("movedInSecond", task.movedInSecond());
            if (task.destination() != null) {
                one.put("destination", task.destination().name());
            }
            if (task.failure() != null) {
                one.put("failure", task.failure());
            }
        }
        Expect expect = version == 0 ? Expect.Nothing.NOTHING : new Expect.Version(version);
        Bytes value = Bytes.utf8(JSON.writeValueAsString(all));
        return new Operation.Write(TABLE, source.name(), value, expect, null);
    }

    /// Forgets the tasks of a queue that is removed.
    static Operation forget(ChannelName source) {
        return new Operation.Write(TABLE, source.name(), null, Expect.Anything.ANYTHING, null);
    }

    /// The one that is running.
    Optional<MoveTask> running() {
        return tasks.stream().filter(MoveTask::isRunning).findFirst();
    }

    /// These and one more, without the oldest if there are too many.
    MoveTasks with(MoveTask task) {
        List<MoveTask> all = new ArrayList<>();
        all.add(task);
        all.addAll(tasks);
        return new MoveTasks(source, all.subList(0, Math.min(all.size(), TASKS_MAX)), version);
    }

    /// These with a change to one of them.
    MoveTasks with(MoveTask task, UnaryOperator<MoveTask> change) {
        return new MoveTasks(
                source,
                tasks.stream()
                        .map(one -> one.id().equals(task.id()) ? change.apply(one) : one)
                        .toList(),
                version);
    }

    /// The same as they are in the row of this version.
    MoveTasks at(long newVersion) {
        return new MoveTasks(source, tasks, newVersion);
    }
}
