package io.millstream.protocols.aws.sns;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.protocols.aws.push.PushTarget;
import io.millstream.protocols.aws.sqs.Store;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.util.concurrent.CompletionStage;

/// How far a replay is: a row of the table `sns.replays` under the subscription's id, in JSON.
///
/// @param id of the subscription
/// @param topic whose archive is sent again
/// @param queue where to
/// @param run which replay of this subscription
/// @param mark where it ends in the archive
/// @param policy from when, and until when
/// @param next the offset of the next message of the archive, or -1 to look for the first
/// @param phase what there is to do
/// @param failed whether the archive could not be read to the end
/// @param version of the row, or 0 if there is none
record ReplayRow(
        String id,
        ChannelName topic,
        ChannelName queue,
        String run,
        Mark mark,
        ReplayPolicy policy,
        long next,
        Phase phase,
        boolean failed,
        long version) {
    private static final String TABLE = "sns.replays";
    private static final JsonMapper JSON = new JsonMapper();

    /// How many held messages are few enough to be moved by one commit, also if there are some more
    /// when it is done.
    static final int FEW = 100;

    /// A message of the archive that says where a replay ends: what was published behind it has
    /// been held.
    ///
    /// @param text what it says
    /// @param since a time before it was left
    record Mark(String text, Instant since) {}

    /// What there is to do.
    enum Phase {
        /// To send the archive up to the mark; what is published meanwhile is held.
        ARCHIVE,
        /// To hand over what is held, until new messages can go their usual way.
        HELD,
        /// To hand over the rest of what was held.
        REST,
        /// Nothing.
        OVER
    }

    /// A replay that begins.
    static ReplayRow begin(
            Subscription subscription, String run, Instant seen, ReplayPolicy policy) {
        return new ReplayRow(
                subscription.id(),
                subscription.topic(),
                subscription.channel(),
                run,
                new Mark(run, seen),
                policy,
                -1,
                Phase.ARCHIVE,
                false,
                0);
    }

    /// The replay that begins once more in place of this one, which is still in the archive. What
    /// is held has been published behind the mark, so that one stays.
    ReplayRow again(String another, ReplayPolicy other) {
        return new ReplayRow(
                id, topic, queue, another, mark, other, -1, Phase.ARCHIVE, false, version);
    }

    static Query.Rows all(@Nullable String after) {
        return new Query.Rows(TABLE, "", after, Query.PAGE_ITEMS_MAX);
    }

    /// The replay of one subscription, or null if it never had one.
    static CompletionStage<@Nullable ReplayRow> find(Store store, String id) {
        return store.find(new Query.Rows(TABLE, id, null, 1))
                .thenApply(page ->
                        page.items().stream()
                                .filter(row -> row.key().equals(id))
                                .findFirst()
                                .map(ReplayRow::read)
                                .orElse(null));
    }

    static ReplayRow read(View.RowView row) {
        JsonNode read = JSON.readTree(row.value().utf8());
        String run = read.path("run").asString();
        Instant begin = Instant.ofEpochMilli(read.path("begin").asLong());
        JsonNode end = read.path("end");
        return new ReplayRow(
                row.key(),
                ChannelName.of(read.path("topic").asString()),
                ChannelName.of(read.path("queue").asString()),
                run,
                new Mark(
                        read.path("mark").asString(run),
                        Instant.ofEpochMilli(read.path("since").asLong(begin.toEpochMilli()))),
                new ReplayPolicy(begin, end.isNumber() ? Instant.ofEpochMilli(end.asLong()) : null),
                read.path("next").asLong(),
                Phase.valueOf(read.path("phase").asString()),
                read.path("failed").asBoolean(),
                row.version());
    }

    /// Writes it, if the row is as it was read.
    Operation write() {
        return write(new Expect.Version(version));
    }

    Operation write(Expect expect) {
        Instant end = policy.end();
        ObjectNode json =
                JSON.createObjectNode()
                        .put("topic", topic.name())
                        .put("queue", queue.name())
                        .put("run", run)
                        .put("mark", mark.text())
                        .put("since", mark.since().toEpochMilli())
                        .put("begin", policy.begin().toEpochMilli())
                        .put("next", next)
                        .put("phase", phase.name())
                        .put("failed", failed);
        if (end != null) {
            json.put("end", end.toEpochMilli());
        }
        return new Operation.Write(
                TABLE, id, Bytes.utf8(JSON.writeValueAsString(json)), expect, null);
    }

    static Operation forget(String id) {
        return new Operation.Write(TABLE, id, null, Expect.Anything.ANYTHING, null);
    }

    /// Forgets it, if the row is as it was read.
    Operation forget() {
        return new Operation.Write(TABLE, id, null, new Expect.Version(version), null);
    }

    /// The same at the next message.
    ReplayRow at(long offset) {
        return new ReplayRow(id, topic, queue, run, mark, policy, offset, phase, failed, version);
    }

    /// The same with other things to do.
    ReplayRow to(Phase another, boolean alsoFailed) {
        return new ReplayRow(
                id, topic, queue, run, mark, policy, next, another, failed || alsoFailed, version);
    }

    /// What AWS calls how far it is.
    String status() {
        if (phase != Phase.OVER) {
            return "In progress";
        }
        return failed ? "Failed" : "Completed";
    }

    /// What hands over what is held, the oldest first.
    Operation move() {
        return new Operation.Edit.Move(hold(), queue, Operation.Edit.Move.MESSAGES_MAX);
    }

    /// The time from which on the archive is read: where the replay begins, but before its mark.
    Instant from() {
        return policy.begin().isBefore(mark.since()) ? policy.begin() : mark.since();
    }

    /// The queue that holds what is published meanwhile.
    ChannelName hold() {
        return hold(id);
    }

    static ChannelName hold(String id) {
        return new ChannelName(PushTarget.HOST, "hold/" + id);
    }

    /// The exchange through which the archive goes to the queue, past the subscription's filter.
    ChannelName way() {
        return way(id);
    }

    static ChannelName way(String id) {
        return new ChannelName(PushTarget.HOST, "replay/" + id);
    }
}
