package io.millstream.testkit.postgres;

import io.millstream.api.Capabilities;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.Support;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/// What the spike does not do, and so refuses.
final class Lacks {

    private static final Set<Feature> HAS =
            EnumSet.of(
                    Feature.QUEUES,
                    Feature.CONSUME,
                    Feature.ATOMIC_COMMIT,
                    Feature.DEAD_LETTER,
                    Feature.RETRY_AFTER,
                    Feature.BROWSE,
                    Feature.ROWS,
                    Feature.PURGE,
                    Feature.DELAY,
                    Feature.ROUTING,
                    Feature.PAUSE);

    private Lacks() {}

    static Map<Feature, Support> features() {
        Map<Feature, Support> features = Capabilities.natively(HAS.toArray(Feature[]::new));
        for (Feature lacking : EnumSet.complementOf(EnumSet.copyOf(HAS))) {
            features.put(
                    lacking,
                    new Support.None(
                            lacking == Feature.STEADY_TIME
                                    ? "The database goes by its machine's wall clock."
                                    : "The spike does not go so far.",
                            lacking.instead()));
        }
        return features;
    }

    static Refusal refusal(Feature feature) {
        return new Refusal.NotSupported(feature);
    }

    /// What a message asks for that is lacking, or null.
    static Feature of(Message message) {
        if (message.timeToLive() != null) return Feature.TIME_TO_LIVE;
        if (message.group() != null) return Feature.GROUPS;
        if (message.priority() != 0) return Feature.PRIORITY;
        return null;
    }

    /// What a definition asks for that is lacking, or null.
    static Feature of(Definition definition) {
        return switch (definition) {
            case Definition.Topic _ -> Feature.TOPICS;
            case Definition.Exchange _, Definition.Binding _ -> null;
            case Definition.Queue queue -> of(queue);
        };
    }

    private static Feature of(Definition.Queue queue) {
        // A queue orders groups unless it says otherwise: that means nothing as long as messages
        // that name one are refused.
        boolean plain = queue.groups() == Groups.IGNORED || queue.groups() == Groups.ORDERED;
        if (!plain || !queue.weights().isEmpty()) return Feature.GROUPS;
        if (queue.typed()) return Feature.TYPES;
        if (queue.limits().rate() != null || queue.limits().groups().isAny()) return Feature.LIMITS;
        if (queue.backOff() != null) return Feature.BACK_OFF;
        if (queue.ageing() != null) return Feature.PRIORITY;
        if (queue.deduplication() != null) return Feature.DEDUPLICATION;
        if (queue.capacity().isLimited()) return Feature.CAPACITY;
        if (queue.retention() != null) return Feature.RETENTION;
        if (queue.timeToLive() != null) return Feature.TIME_TO_LIVE;
        if (queue.unusedFor() != null) return Feature.UNUSED;
        if (queue.keepSettled() != null) return Feature.REPLAY;
        if (queue.singleActive()) return Feature.CONSUMER_CHOICE;
        return null;
    }

    /// What a look asks for that is lacking, or null.
    static Feature of(Query<?> query) {
        return first(Feature.askedBy(query));
    }

    private static Feature first(Set<Feature> asked) {
        return asked.stream().filter(feature -> !HAS.contains(feature)).findFirst().orElse(null);
    }

    /// What an operation needs that is lacking, or null.
    static Feature of(Operation operation) {
        return switch (operation) {
            case Operation.Define define -> of(define.definition());
            case Operation.Put put -> of(put.message());
            case Operation.Append _, Operation.MoveCursor _ -> Feature.TOPICS;
            case Operation.Publish publish -> of(publish.message());
            case Operation.Edit.Move _ -> Feature.MOVE;
            case Operation.Edit.Replay _ -> Feature.REPLAY;
            case Operation.Edit.Purge _,
                    Operation.Edit.Drop _,
                    Operation.Remove _,
                    Operation.Settle _,
                    Operation.Extend _,
                    Operation.Check _,
                    Operation.CheckDefinition _,
                    Operation.Write _,
                    Operation.Unbind _,
                    Operation.RemoveExchange _ ->
                    null;
        };
    }
}
