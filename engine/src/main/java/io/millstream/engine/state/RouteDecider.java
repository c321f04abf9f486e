package io.millstream.engine.state;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Target;
import io.millstream.engine.route.RouteTable;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Decides what a commit does to exchanges and bindings, for its [Decider]. Each method returns why
/// it is refused, or null after adding its entry and its effect.
final class RouteDecider {
    /// How many bindings may lead from one exchange.
    static final int BINDINGS_MAX = 10_000;

    private final Routes routes;
    private final Tentative tentative;
    private final List<Entry> entries;
    private final List<Effect> effects;

    // What earlier operations of the commit have changed; a version of 0 stands for nothing.
    private final Map<ChannelName, Changed<Definition.Exchange>> exchanges = new HashMap<>();
    private final TreeMap<BindingName, Changed<Definition.Binding>> bindings = new TreeMap<>();
    private final Map<Target, Set<BindingName>> definedTo = new HashMap<>();
    private final Set<Target> removedTargets = new HashSet<>();

    /// How many bindings more lead from an exchange than before the commit.
    private final Map<ChannelName, Integer> growth = new HashMap<>();

    /// Exchanges that are not what [Routes] compiles, with their tables if they were asked for.
    private final Map<ChannelName, Optional<RouteTable>> recompiled = new HashMap<>();

    private record Changed<D>(D definition, long version) {}

    RouteDecider(Routes routes, Tentative tentative, List<Entry> entries, List<Effect> effects) {
        this.routes = routes;
        this.tentative = tentative;
        this.entries = entries;
        this.effects = effects;
    }

    @Nullable Refusal define(Definition.Exchange exchange, Expect expect) {
        ChannelName name = exchange.name();
        long now = versionOf(name);
        if (!Decider.meets(expect, now)) {
            return new Refusal.Conflict("Exchange " + name, now);
        }
        Definition.Exchange before = exchange(name);
        if (before != null && before.kind() != exchange.kind()) {
            return new Refusal.Invalid(
                    "Exchange %s is of kind %s and cannot become %s. Remove it first, or choose"
                                    .formatted(name, before.kind(), exchange.kind())
                            + " another name.");
        }
        long version = tentative.nextVersion();
        exchanges.put(name, new Changed<>(exchange, version));
        recompiled.put(name, Optional.empty());
        entries.add(new Entry.ExchangeDefined(version, exchange));
        effects.add(new Effect.Changed(version));
        return null;
    }

    /// @param hasChannel whether the target, if it is a channel, is there
    @Nullable Refusal define(Definition.Binding binding, Expect expect, boolean hasChannel) {
        BindingName id = binding.id();
        Definition.Exchange exchange = exchange(id.exchange());
        if (exchange == null) {
            return new Refusal.NoSuchExchange(id.exchange());
        }
        boolean hasTarget =
                switch (id.target()) {
                    case Target.Channel _ -> hasChannel;
                    case Target.Exchange(ChannelName name) -> exchange(name) != null;
                };
        if (!hasTarget) {
            return missing(id.target());
        }
        long now = versionOf(id);
        if (!Decider.meets(expect, now)) {
            return new Refusal.Conflict("Binding " + id, now);
        }
        Refusal unfit = unfit(exchange, binding);
        if (unfit != null) {
            return unfit;
        }
        if (now == 0 && bindingsOfCount(id.exchange()) >= BINDINGS_MAX) {
            return new Refusal.IsFull(id.exchange(), BINDINGS_MAX + " bindings");
        }
        long version = tentative.nextVersion();
        change(id, new Changed<>(binding, version));
        definedTo.computeIfAbsent(id.target(), _ -> new HashSet<>()).add(id);
        entries.add(new Entry.BindingDefined(version, binding));
        effects.add(new Effect.Changed(version));
        return null;
    }

    private static Refusal missing(Target target) {
        return switch (target) {
            case Target.Channel(ChannelName name) -> new Refusal.NoSuchChannel(name);
            case Target.Exchange(ChannelName name) -> new Refusal.NoSuchExchange(name);
        };
    }

    /// Why a binding makes no sense for its exchange, or null.
    private static @Nullable Refusal unfit(Definition.Exchange exchange, Definition.Binding one) {
        String pattern = one.id().pattern();
        if (exchange.kind() == ExchangeKind.CONSISTENT_HASH && !isWeight(pattern)) {
            return new Refusal.Invalid(
                    "The pattern of a binding to exchange %s is its weight, 1 to %d, not \"%s\"."
                            .formatted(exchange.name(), ExchangeKind.WEIGHT_MAX, pattern));
        }
        if (one.match() != null && exchange.kind() != ExchangeKind.HEADERS) {
            return new Refusal.Invalid(
                    "Exchange %s is of kind %s and matches no headers. Give the binding a filter."
                            .formatted(exchange.name(), exchange.kind()));
        }
        return null;
    }

    private static boolean isWeight(String pattern) {
        return pattern.matches("[1-9][0-9]{0,6}")
                && Integer.parseInt(pattern) <= ExchangeKind.WEIGHT_MAX;
    }

    @Nullable Refusal remove(Operation.RemoveExchange remove) {
        ChannelName name = remove.exchange();
        if (exchange(name) == null) {
            return new Refusal.NoSuchExchange(name);
        }
        if (!Decider.meets(remove.expect(), versionOf(name))) {
            return new Refusal.Conflict("Exchange " + name, versionOf(name));
        }
        int from = bindingsOfCount(name);
        if (remove.ifUnused() && from > 0) {
            return new Refusal.Invalid(
                    "Exchange %s is used by %d bindings. Remove them first.".formatted(name, from));
        }
        long version = tentative.nextVersion();
        entries.add(new Entry.ExchangeRemoved(version, name));
        exchanges.put(name, new Changed<>(Definition.Exchange.of(name, ExchangeKind.DIRECT), 0));
        recompiled.put(name, Optional.empty());
        bindingsOf(name).forEach(binding -> forget(binding.id()));
        removed(new Target.Exchange(name));
        effects.add(Effect.Plain.PLAIN);
        return null;
    }

    @Nullable Refusal unbind(Operation.Unbind unbind) {
        BindingName id = unbind.binding();
        long now = versionOf(id);
        if (now == 0 || !Decider.meets(unbind.expect(), now)) {
            return new Refusal.Conflict("Binding " + id, now);
        }
        entries.add(new Entry.BindingRemoved(tentative.nextVersion(), id));
        forget(id);
        effects.add(Effect.Plain.PLAIN);
        return null;
    }

    /// A target is removed by an entry of this commit, and all bindings to it with it.
    void removed(Target target) {
        if (removedTargets.add(target)) {
            routes.bindingsTo(target).forEach(this::forget);
        }
        Set<BindingName> own = definedTo.remove(target);
        if (own != null) {
            own.forEach(this::forget);
        }
    }

    private void forget(BindingName id) {
        change(id, new Changed<>(Definition.Binding.of(id), 0));
    }

    private void change(BindingName id, Changed<Definition.Binding> next) {
        int more = Long.signum(next.version) - Long.signum(versionOf(id));
        growth.merge(id.exchange(), more, Integer::sum);
        bindings.put(id, next);
        recompiled.put(id.exchange(), Optional.empty());
    }

    private long versionOf(ChannelName name) {
        Changed<Definition.Exchange> changed = exchanges.get(name);
        if (changed != null) {
            return changed.version;
        }
        Routes.Exchange known = routes.exchange(name);
        return known == null ? 0 : known.version();
    }

    private long versionOf(BindingName id) {
        Changed<Definition.Binding> changed = bindings.get(id);
        if (changed != null) {
            return changed.version;
        }
        Routes.Binding known = routes.binding(id);
        return known == null ? 0 : known.version();
    }

    /// The exchange as the operations before leave it, or null.
    Definition.@Nullable Exchange exchange(ChannelName name) {
        Changed<Definition.Exchange> changed = exchanges.get(name);
        if (changed != null) {
            return changed.version == 0 ? null : changed.definition;
        }
        Routes.Exchange known = routes.exchange(name);
        return known == null ? null : known.definition();
    }

    private int bindingsOfCount(ChannelName exchange) {
        return routes.bindingsOfCount(exchange) + growth.getOrDefault(exchange, 0);
    }

    private Collection<Definition.Binding> bindingsOf(ChannelName exchange) {
        TreeMap<BindingName, Definition.Binding> all = new TreeMap<>();
        routes.bindingsOf(exchange).forEach(binding -> all.put(binding.id(), binding));
        for (var changed : bindings.tailMap(Routes.firstOf(exchange), true).entrySet()) {
            if (!changed.getKey().exchange().equals(exchange)) {
                break;
            }
            if (changed.getValue().version == 0) {
                all.remove(changed.getKey());
            } else {
                all.put(changed.getKey(), changed.getValue().definition);
            }
        }
        return all.values();
    }

    /// What an exchange and its bindings come to as the operations before leave them, or null.
    @Nullable RouteTable table(ChannelName name) {
        Optional<RouteTable> known = recompiled.get(name);
        if (known == null) {
            return routes.table(name);
        }
        Definition.Exchange exchange = exchange(name);
        if (exchange == null) {
            return null;
        }
        RouteTable table = known.orElseGet(() -> new RouteTable(exchange, bindingsOf(name)));
        recompiled.put(name, Optional.of(table));
        return table;
    }
}
