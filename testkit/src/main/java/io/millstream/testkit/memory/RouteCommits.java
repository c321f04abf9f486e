package io.millstream.testkit.memory;

import io.millstream.api.BindingName;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Partitioner;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Target;
import io.millstream.testkit.memory.Commits.Step;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The operations on exchanges and bindings. Guarded by the backend's lock.
final class RouteCommits {
    private static final int BINDINGS_MAX = 10_000;

    private final Store store;
    private final Puts puts;
    private final TopicCommits topics;

    RouteCommits(Store store, Puts puts, TopicCommits topics) {
        this.store = store;
        this.puts = puts;
        this.topics = topics;
    }

    private MemoryRoutes routes() {
        return store.routes();
    }

    Step define(Definition.Exchange definition, Expect expect) {
        ChannelName name = definition.name();
        var before = routes().exchange(name);
        Refusal conflict = conflict(expect, "Exchange " + name, before);
        if (conflict != null) return Step.refused(conflict);
        if (before != null && before.definition().kind() != definition.kind()) {
            return Step.refused(
                    new Refusal.Invalid(
                            "Exchange " + name + " is of another kind. Remove it first."));
        }
        long version = store.next();
        routes().set(name, new MemoryRoutes.Declared<>(definition, version));
        return Step.did(new Effect.Changed(version));
    }

    Step define(Definition.Binding definition, Expect expect) {
        BindingName id = definition.id();
        var exchange = routes().exchange(id.exchange());
        if (exchange == null) return Step.refused(new Refusal.NoSuchExchange(id.exchange()));
        Refusal missing = missing(id.target());
        if (missing != null) return Step.refused(missing);
        var before = routes().binding(id);
        Refusal conflict = conflict(expect, "Binding " + id, before);
        if (conflict != null) return Step.refused(conflict);
        ExchangeKind kind = exchange.definition().kind();
        if (kind == ExchangeKind.CONSISTENT_HASH && !isWeight(id.pattern())) {
            return Step.refused(new Refusal.Invalid("The pattern of " + id + " is no weight."));
        }
        if (kind != ExchangeKind.HEADERS && definition.match() != null) {
            return Step.refused(new Refusal.Invalid(id + " leads from no headers exchange."));
        }
        if (before == null && routes().bindingsOf(id.exchange()).size() >= BINDINGS_MAX) {
            return Step.refused(new Refusal.IsFull(id.exchange(), BINDINGS_MAX + " bindings"));
        }
        long version = store.next();
        routes().set(id, new MemoryRoutes.Declared<>(definition, version));
        return Step.did(new Effect.Changed(version));
    }

    private @Nullable Refusal missing(Target target) {
        return switch (target) {
            case Target.Channel(ChannelName name) ->
                    store.queue(name) == null && store.topic(name) == null
                            ? new Refusal.NoSuchChannel(name)
                            : null;
            case Target.Exchange(ChannelName name) ->
                    routes().exchange(name) == null ? new Refusal.NoSuchExchange(name) : null;
        };
    }

    private static boolean isWeight(String pattern) {
        return pattern.matches("[1-9][0-9]{0,6}")
                && Integer.parseInt(pattern) <= ExchangeKind.WEIGHT_MAX;
    }

    private static @Nullable Refusal conflict(
            Expect expect, String what, MemoryRoutes.@Nullable Declared<?> now) {
        return Commits.conflict(expect, what, now == null ? 0 : now.version());
    }

    Step remove(Operation.RemoveExchange remove) {
        ChannelName name = remove.exchange();
        var before = routes().exchange(name);
        if (before == null) return Step.refused(new Refusal.NoSuchExchange(name));
        Refusal conflict = conflict(remove.expect(), "Exchange " + name, before);
        if (conflict != null) return Step.refused(conflict);
        List<Definition.Binding> from = routes().bindingsOf(name);
        if (remove.ifUnused() && !from.isEmpty()) {
            return Step.refused(new Refusal.Invalid("Exchange " + name + " is used."));
        }
        routes().set(name, null);
        from.forEach(binding -> routes().set(binding.id(), null));
        routes().removeTarget(new Target.Exchange(name));
        return Step.did(Effect.Plain.PLAIN);
    }

    Step unbind(Operation.Unbind unbind) {
        BindingName id = unbind.binding();
        var before = routes().binding(id);
        if (before == null) return Step.refused(new Refusal.Conflict("Binding " + id, 0));
        Refusal conflict = conflict(unbind.expect(), "Binding " + id, before);
        if (conflict != null) return Step.refused(conflict);
        routes().set(id, null);
        return Step.did(Effect.Plain.PLAIN);
    }

    /// @param limited see [Puts#put]
    Step publish(Operation.Publish publish, boolean limited) {
        if (routes().exchange(publish.exchange()) == null) {
            return Step.refused(new Refusal.NoSuchExchange(publish.exchange()));
        }
        PlainRouter router =
                new PlainRouter(routes(), publish.routingKey(), publish.message(), store.next());
        router.route(publish.exchange());
        Refusal senseless = router.refusal();
        if (senseless != null) return Step.refused(senseless);
        List<Effect.Reached> reached = new ArrayList<>();
        List<Refusal.IsFull> skipped = new ArrayList<>();
        for (Map.Entry<ChannelName, Message> target : router.targets().entrySet()) {
            ChannelName name = target.getKey();
            int partition = partitionOf(name, target.getValue());
            switch (deliver(name, partition, target.getValue(), limited)) {
                case Step.Did(Effect effect) ->
                        reached.add(new Effect.Reached(name, partition, effect));
                case Step.Refused(Refusal.IsFull full)
                        when publish.whenFull() == Operation.WhenFull.SKIP ->
                        skipped.add(full);
                case Step.Refused refused -> {
                    return refused;
                }
            }
        }
        return Step.did(new Effect.Routed(reached, skipped, router.alternate()));
    }

    private int partitionOf(ChannelName name, Message message) {
        MemoryTopic topic = store.topic(name);
        Bytes key = message.key();
        return topic == null || key == null
                ? 0
                : Partitioner.partitionOf(key, topic.declared().definition().partitions());
    }

    private Step deliver(ChannelName name, int partition, Message message, boolean limited) {
        return store.topic(name) == null
                ? puts.put(new Operation.Put(name, message), limited)
                : topics.append(new Operation.Append(name, partition, List.of(message), null));
    }
}
