package io.millstream.testkit.denied;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;

/// Which features a request asks for.
final class Asked {

    private Asked() {}

    static Set<Feature> by(Operation operation) {
        return switch (operation) {
            case Operation.Define define -> by(define.definition());
            case Operation.Put put -> by(put.message());
            case Operation.Write _ -> EnumSet.of(Feature.ROWS);
            case Operation.Settle(_, Outcome.Retry retry, _) ->
                    retry.after().isZero()
                            ? EnumSet.noneOf(Feature.class)
                            : EnumSet.of(Feature.RETRY_AFTER);
            case Operation.Append _, Operation.MoveCursor _ -> EnumSet.of(Feature.TOPICS);
            case Operation.Publish publish -> {
                Set<Feature> asked = by(publish.message());
                asked.add(Feature.ROUTING);
                yield asked;
            }
            case Operation.Unbind _, Operation.RemoveExchange _ -> EnumSet.of(Feature.ROUTING);
            case Operation.Edit.Purge _, Operation.Edit.Drop _ -> EnumSet.of(Feature.PURGE);
            case Operation.Edit.Move _ -> EnumSet.of(Feature.MOVE);
            case Operation.Edit.Replay _ -> EnumSet.of(Feature.REPLAY);
            case Operation.Remove _,
                    Operation.Settle _,
                    Operation.Extend _,
                    Operation.Check _,
                    Operation.CheckDefinition _ ->
                    EnumSet.noneOf(Feature.class);
        };
    }

    private static Set<Feature> by(Message message) {
        Set<Feature> asked = EnumSet.noneOf(Feature.class);
        if (!message.delay().isZero()) asked.add(Feature.DELAY);
        if (message.timeToLive() != null) asked.add(Feature.TIME_TO_LIVE);
        if (message.group() != null) asked.add(Feature.GROUPS);
        if (message.priority() != 0) asked.add(Feature.PRIORITY);
        return asked;
    }

    private static Set<Feature> by(Definition definition) {
        return switch (definition) {
            case Definition.Topic _ -> EnumSet.of(Feature.TOPICS);
            case Definition.Exchange _, Definition.Binding _ -> EnumSet.of(Feature.ROUTING);
            case Definition.Queue queue -> by(queue);
        };
    }

    private static Set<Feature> by(Definition.Queue queue) {
        Set<Feature> asked = EnumSet.noneOf(Feature.class);
        // The standard order of groups means nothing as long as no message names one.
        boolean plain = queue.groups() == Groups.IGNORED || queue.groups() == Groups.ORDERED;
        if (!plain || !queue.weights().isEmpty()) asked.add(Feature.GROUPS);
        if (queue.typed()) asked.add(Feature.TYPES);
        var limits = queue.limits();
        if (limits.rate() != null || limits.types().isAny() || limits.groups().isAny()) {
            asked.add(Feature.LIMITS);
        }
        if (queue.maxAttempts() > 0 || queue.deadLetter() != null) asked.add(Feature.DEAD_LETTER);
        if (queue.backOff() != null) asked.add(Feature.BACK_OFF);
        if (queue.ageing() != null) asked.add(Feature.PRIORITY);
        if (queue.deduplication() != null) asked.add(Feature.DEDUPLICATION);
        if (queue.capacity().isLimited()) asked.add(Feature.CAPACITY);
        if (queue.retention() != null) asked.add(Feature.RETENTION);
        if (queue.timeToLive() != null) asked.add(Feature.TIME_TO_LIVE);
        if (queue.unusedFor() != null) asked.add(Feature.UNUSED);
        if (queue.keepSettled() != null) asked.add(Feature.REPLAY);
        if (queue.singleActive()) asked.add(Feature.CONSUMER_CHOICE);
        if (queue.paused()) asked.add(Feature.PAUSE);
        return asked;
    }

    /// Whether a commit is about more than one queue or row.
    static boolean isWide(Commit commit) {
        Set<Object> about = new HashSet<>();
        for (Operation operation : commit.operations()) {
            about.add(
                    switch (operation) {
                        case Operation.Put put -> put.queue();
                        case Operation.Settle settle -> settle.handle().queue();
                        case Operation.Define(Definition definition, _) -> definition.name();
                        case Operation.Write write -> write.table() + "/" + write.key();
                        default -> ChannelName.of("another");
                    });
        }
        return about.size() > 1;
    }
}
