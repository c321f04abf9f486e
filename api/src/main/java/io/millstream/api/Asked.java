package io.millstream.api;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which features a request asks for; said to everybody by [Feature#askedBy].
final class Asked {

    private Asked() {}

    // Commits.

    static Set<Feature> by(Commit commit) {
        Set<Feature> asked = EnumSet.noneOf(Feature.class);
        if (commit.id() != null) {
            asked.add(Feature.COMMIT_IDS);
        }
        if (isWide(commit)) {
            asked.add(Feature.ATOMIC_COMMIT);
        }
        return asked;
    }

    /// Whether it is about more than one channel, exchange or row.
    private static boolean isWide(Commit commit) {
        if (commit.operations().size() == 1) {
            return false;
        }
        Set<Object> subjects = new HashSet<>();
        commit.operations().forEach(operation -> subjects.addAll(subjectsOf(operation)));
        return subjects.size() > 1;
    }

    private static List<?> subjectsOf(Operation operation) {
        return switch (operation) {
            case Operation.Define(Definition.Binding binding, _) ->
                    List.of(new Target.Exchange(binding.id().exchange()));
            case Operation.Define(Definition.Exchange exchange, _) ->
                    List.of(new Target.Exchange(exchange.name()));
            case Operation.Define define -> channel(define.definition().name());
            case Operation.Remove remove -> channel(remove.name());
            case Operation.CheckDefinition check -> channel(check.name());
            case Operation.Put put -> channel(put.queue());
            case Operation.Append append -> channel(append.topic());
            case Operation.MoveCursor move -> channel(move.topic());
            case Operation.Publish publish -> List.of(new Target.Exchange(publish.exchange()));
            case Operation.RemoveExchange remove -> List.of(new Target.Exchange(remove.exchange()));
            case Operation.Unbind unbind ->
                    List.of(new Target.Exchange(unbind.binding().exchange()));
            case Operation.Settle settle -> channel(settle.handle().queue());
            case Operation.Extend extend -> channel(extend.handle().queue());
            case Operation.Check check -> channel(check.handle().queue());
            case Operation.Edit.Purge purge -> channel(purge.queue());
            case Operation.Edit.Drop drop -> channel(drop.queue());
            case Operation.Edit.Replay replay -> channel(replay.queue());
            case Operation.Edit.Move move ->
                    move.to() == null
                            ? channel(move.from())
                            : List.of(
                                    new Target.Channel(move.from()), new Target.Channel(move.to()));
            case Operation.Write write -> List.of(List.of(write.table(), write.key()));
        };
    }

    private static List<?> channel(ChannelName name) {
        return List.of(new Target.Channel(name));
    }

    // Operations.

    static Set<Feature> by(Operation operation) {
        return switch (operation) {
            case Operation.Define define -> by(define.definition());
            case Operation.Put put -> with(Feature.QUEUES, by(put.message()));
            case Operation.Publish publish -> with(Feature.ROUTING, by(publish.message()));
            case Operation.Write _ -> EnumSet.of(Feature.ROWS);
            case Operation.Settle settle ->
                    settle.outcome() instanceof Outcome.Retry retry && !retry.after().isZero()
                            ? EnumSet.of(Feature.QUEUES, Feature.RETRY_AFTER)
                            : EnumSet.of(Feature.QUEUES);
            case Operation.Extend _, Operation.Check _ -> EnumSet.of(Feature.QUEUES);
            case Operation.Append _, Operation.MoveCursor _ -> EnumSet.of(Feature.TOPICS);
            case Operation.Unbind _, Operation.RemoveExchange _ -> EnumSet.of(Feature.ROUTING);
            case Operation.Edit.Purge _, Operation.Edit.Drop _ ->
                    EnumSet.of(Feature.QUEUES, Feature.PURGE);
            case Operation.Edit.Move _ -> EnumSet.of(Feature.QUEUES, Feature.MOVE);
            case Operation.Edit.Replay _ -> EnumSet.of(Feature.QUEUES, Feature.REPLAY);
            case Operation.Remove _, Operation.CheckDefinition _ -> EnumSet.noneOf(Feature.class);
        };
    }

    private static Set<Feature> with(Feature feature, Set<Feature> asked) {
        asked.add(feature);
        return asked;
    }

    static Set<Feature> by(Message message) {
        Set<Feature> asked = EnumSet.noneOf(Feature.class);
        add(asked, Feature.DELAY, !message.delay().isZero());
        add(asked, Feature.TIME_TO_LIVE, message.timeToLive() != null);
        add(asked, Feature.GROUPS, message.group() != null);
        add(asked, Feature.PRIORITY, message.priority() != 0);
        return asked;
    }

    private static void add(Set<Feature> asked, Feature feature, boolean isAsked) {
        if (isAsked) {
            asked.add(feature);
        }
    }

    // Definitions.

    static Set<Feature> by(Definition definition) {
        return switch (definition) {
            case Definition.Topic _ -> EnumSet.of(Feature.TOPICS);
            case Definition.Binding _ -> EnumSet.of(Feature.ROUTING);
            case Definition.Exchange exchange ->
                    exchange.delayed()
                            ? EnumSet.of(Feature.ROUTING, Feature.DELAY)
                            : EnumSet.of(Feature.ROUTING);
            case Definition.Queue queue -> by(queue);
        };
    }

    private static Set<Feature> by(Definition.Queue queue) {
        Limits limits = queue.limits();
        Set<Feature> asked = EnumSet.of(Feature.QUEUES);
        add(asked, Feature.GROUPS, isGrouped(queue));
        add(asked, Feature.TYPES, queue.typed());
        add(
                asked,
                Feature.LIMITS,
                limits.rate() != null || limits.types().isAny() || limits.groups().isAny());
        add(asked, Feature.DEAD_LETTER, queue.maxAttempts() > 0 || queue.deadLetter() != null);
        add(asked, Feature.BACK_OFF, queue.backOff() != null);
        add(asked, Feature.PRIORITY, queue.ageing() != null);
        add(asked, Feature.DEDUPLICATION, queue.deduplication() != null);
        add(asked, Feature.CAPACITY, queue.capacity().isLimited());
        add(asked, Feature.RETENTION, queue.retention() != null);
        add(asked, Feature.TIME_TO_LIVE, queue.timeToLive() != null);
        add(asked, Feature.UNUSED, queue.unusedFor() != null);
        add(asked, Feature.REPLAY, queue.keepSettled() != null);
        add(asked, Feature.CONSUMER_CHOICE, queue.singleActive());
        add(asked, Feature.PAUSE, queue.paused());
        add(asked, Feature.LIFECYCLE, queue.lifecycle() != null);
        return asked;
    }

    /// The standard order of groups means nothing as long as no message names one.
    private static boolean isGrouped(Definition.Queue queue) {
        boolean isPlain =
                switch (queue.groups()) {
                    case IGNORED, ORDERED -> true;
                    case ORDERED_SINGLY, FAIR, FAIR_ORDERED -> false;
                };
        return !isPlain || !queue.weights().isEmpty();
    }

    // Looking, taking and watching.

    static Set<Feature> by(Query<?> query) {
        return switch (query) {
            case Query.Queues _, Query.QueueNamed _ -> EnumSet.of(Feature.QUEUES);
            case Query.Topics _, Query.TopicNamed _, Query.Cursors _ -> EnumSet.of(Feature.TOPICS);
            case Query.Browse _ -> EnumSet.of(Feature.QUEUES, Feature.BROWSE);
            case Query.Delayed _ -> EnumSet.of(Feature.QUEUES, Feature.BROWSE, Feature.DELAY);
            case Query.Rows _ -> EnumSet.of(Feature.ROWS);
            case Query.Exchanges _, Query.ExchangeNamed _, Query.Bindings _, Query.Route _ ->
                    EnumSet.of(Feature.ROUTING);
        };
    }

    static Set<Feature> by(Take take) {
        return take.types().isEmpty()
                ? EnumSet.of(Feature.QUEUES)
                : EnumSet.of(Feature.QUEUES, Feature.TYPES);
    }

    static Set<Feature> by(Subscribe what) {
        return what.priority() == 0 && !what.exclusive()
                ? EnumSet.of(Feature.QUEUES, Feature.CONSUME)
                : EnumSet.of(Feature.QUEUES, Feature.CONSUME, Feature.CONSUMER_CHOICE);
    }

    static Set<Feature> by(Interest what) {
        return switch (what) {
            case Interest.Rows _ -> EnumSet.of(Feature.ROWS, Feature.WATCH_ROWS);
            case Interest.Pressure _, Interest.Definitions _ -> EnumSet.noneOf(Feature.class);
        };
    }
}
