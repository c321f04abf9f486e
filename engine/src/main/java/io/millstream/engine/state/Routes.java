package io.millstream.engine.state;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Operation;
import io.millstream.api.Target;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.route.RouteTable;
import io.millstream.engine.route.Routing;
import io.millstream.engine.route.Subject;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// All exchanges and bindings, a part of the [State]. What an exchange's bindings come to is
/// compiled when it is asked for the first time after a change.
public final class Routes {
    private final TreeMap<ChannelName, Exchange> exchanges = new TreeMap<>();

    /// In the order of their names, so those of one exchange follow each other.
    private final TreeMap<BindingName, Binding> bindings = new TreeMap<>();

    private final Map<Target, NavigableSet<BindingName>> byTarget = new HashMap<>();
    private final Map<ChannelName, Integer> counts = new HashMap<>();
    private final Map<ChannelName, RouteTable> tables = new HashMap<>();
    private final HeapAccount heap;
    private final Images images;

    // While a snapshot is taken: how far its walk has come, and what it need not write because it
    // was written, or did not exist, before it changed.
    private final Set<Object> written = new HashSet<>();
    private @Nullable ChannelName walkedExchange;
    private @Nullable BindingName walkedBinding;
    private Walk walk = Walk.DONE;

    private enum Walk {
        EXCHANGES,
        BINDINGS,
        DONE
    }

    /// An exchange.
    ///
    /// @param definition as declared
    /// @param version of the definition
    public record Exchange(Definition.Exchange definition, long version) {}

    /// A binding.
    ///
    /// @param definition as declared
    /// @param version of the definition
    public record Binding(Definition.Binding definition, long version) {}

    /// Without any.
    ///
    /// @param images where they are written before they change
    /// @param heap what they are charged to
    Routes(Images images, HeapAccount heap) {
        this.images = images;
        this.heap = heap;
    }

    /// The exchange of this name, or null.
    public @Nullable Exchange exchange(ChannelName name) {
        return exchanges.get(name);
    }

    /// The binding of this name, or null.
    public @Nullable Binding binding(BindingName id) {
        return bindings.get(id);
    }

    /// The exchanges from `from` on, in the order of their names.
    public NavigableMap<ChannelName, Exchange> exchangesFrom(ChannelName from, boolean inclusive) {
        return exchanges.tailMap(from, inclusive);
    }

    /// The bindings from `from` on, in the order of their names.
    public NavigableMap<BindingName, Binding> bindingsFrom(BindingName from, boolean inclusive) {
        return bindings.tailMap(from, inclusive);
    }

    /// A name that is before those of all bindings from an exchange.
    public static BindingName firstOf(ChannelName exchange) {
        return new BindingName(exchange, new Target.Channel(new ChannelName("\0", "\0")), "", "");
    }

    /// The bindings from an exchange.
    List<Definition.Binding> bindingsOf(ChannelName exchange) {
        List<Definition.Binding> found = new ArrayList<>(bindingsOfCount(exchange));
        for (Binding binding : bindings.tailMap(firstOf(exchange), true).values()) {
            if (!binding.definition.name().equals(exchange)) {
                break;
            }
            found.add(binding.definition);
        }
        return found;
    }

    /// How many bindings lead from an exchange.
    public int bindingsOfCount(ChannelName exchange) {
        return counts.getOrDefault(exchange, 0);
    }

    /// The bindings to a target, in the order of their names.
    public NavigableSet<BindingName> bindingsTo(Target target) {
        return byTarget.getOrDefault(target, new TreeSet<>());
    }

    /// What an exchange and its bindings come to, or null if there is none.
    public @Nullable RouteTable table(ChannelName name) {
        RouteTable table = tables.get(name);
        if (table != null) {
            return table;
        }
        Exchange exchange = exchanges.get(name);
        if (exchange == null) {
            return null;
        }
        table = new RouteTable(exchange.definition, bindingsOf(name));
        tables.put(name, table);
        return table;
    }

    /// Where a message would go, as long as nothing changes; what is chosen by chance may differ.
    public Set<ChannelName> targetsOf(Operation.Publish publish) {
        Subject subject = new Subject(publish.routingKey(), publish.message());
        return Routing.of(this::table, publish.exchange(), subject, 0).targets().keySet();
    }

    void apply(Entry.OfRoute entry, Numbers numbers) {
        numbers.noteVersion(entry.version());
        switch (entry) {
            case Entry.ExchangeDefined(long version, Definition.Exchange definition) ->
                    put(new Exchange(definition, version));
            case Entry.ExchangeRemoved(long _, ChannelName name) -> {
                removeExchange(name);
                for (Definition.Binding from : bindingsOf(name)) {
                    remove(from.id());
                }
                removeTarget(new Target.Exchange(name));
            }
            case Entry.BindingDefined(long version, Definition.Binding definition) ->
                    put(new Binding(definition, version));
            case Entry.BindingRemoved(long _, BindingName id) -> remove(id);
        }
    }

    /// A topic is about to be changed; it may go.
    void apply(Entry.OfTopic entry, Topics topics) {
        if (entry instanceof Entry.TopicRemoved removed) {
            TopicState topic = topics.topic(removed.channel());
            if (topic != null) {
                removeChannel(topic.definition().name());
            }
        }
    }

    /// A queue or topic is gone, and nothing leads to it any more.
    void removeChannel(ChannelName name) {
        removeTarget(new Target.Channel(name));
    }

    private void removeTarget(Target target) {
        List.copyOf(bindingsTo(target)).forEach(this::remove);
    }

    private void put(Exchange exchange) {
        ChannelName name = exchange.definition.name();
        changing(name);
        Exchange old = exchanges.put(name, exchange);
        heap.add(heapBytes(exchange.definition) - (old == null ? 0 : heapBytes(old.definition)));
        tables.remove(name);
    }

    private void removeExchange(ChannelName name) {
        changing(name);
        Exchange old = exchanges.remove(name);
        if (old != null) {
            heap.add(-heapBytes(old.definition));
        }
        tables.remove(name);
    }

    private void put(Binding binding) {
        BindingName id = binding.definition.id();
        changing(id);
        Binding old = bindings.put(id, binding);
        heap.add(heapBytes(binding.definition) - (old == null ? 0 : heapBytes(old.definition)));
        if (old == null) {
            byTarget.computeIfAbsent(id.target(), _ -> new TreeSet<>()).add(id);
            counts.merge(id.exchange(), 1, Integer::sum);
        }
        tables.remove(id.exchange());
    }

    private void remove(BindingName id) {
        changing(id);
        Binding old = bindings.remove(id);
        if (old == null) {
            return;
        }
        heap.add(-heapBytes(old.definition));
        NavigableSet<BindingName> others = byTarget.getOrDefault(id.target(), new TreeSet<>());
        others.remove(id);
        if (others.isEmpty()) {
            byTarget.remove(id.target());
        }
        counts.computeIfPresent(id.exchange(), (_, count) -> count == 1 ? null : count - 1);
        tables.remove(id.exchange());
    }

    /// With what it is compiled to.
    private static long heapBytes(Definition definition) {
        return HeapCosts.route(RouteCodec.bytesOf(definition));
    }

    /// A snapshot was begun.
    void beginImages() {
        written.clear();
        walkedExchange = null;
        walkedBinding = null;
        walk = Walk.EXCHANGES;
    }

    private void changing(ChannelName exchange) {
        boolean walked =
                walk != Walk.EXCHANGES
                        || (walkedExchange != null && exchange.compareTo(walkedExchange) <= 0);
        if (images.areTaken() && !walked && written.add(exchange)) {
            Exchange now = exchanges.get(exchange);
            if (now != null) {
                write(now, images.out());
                images.cut();
            }
        }
    }

    private void changing(BindingName id) {
        boolean walked =
                walk == Walk.DONE || (walkedBinding != null && id.compareTo(walkedBinding) <= 0);
        if (images.areTaken() && !walked && written.add(id)) {
            Binding now = bindings.get(id);
            if (now != null) {
                write(now, images.out());
                images.cut();
            }
        }
    }

    /// Has the next exchange or binding written, unless it was.
    ///
    /// @return whether there was a next one
    boolean imageNext() {
        if (walk == Walk.EXCHANGES) {
            ChannelName next = next(exchanges, walkedExchange);
            if (next != null) {
                changing(next);
                walkedExchange = next;
                return true;
            }
            walk = Walk.BINDINGS;
        }
        if (walk == Walk.BINDINGS) {
            BindingName next = next(bindings, walkedBinding);
            if (next != null) {
                changing(next);
                walkedBinding = next;
                return true;
            }
            walk = Walk.DONE;
            written.clear();
        }
        return false;
    }

    private static <K> @Nullable K next(NavigableMap<K, ?> all, @Nullable K walked) {
        if (walked != null) {
            return all.higherKey(walked);
        }
        return all.isEmpty() ? null : all.firstKey();
    }

    void write(Output out) {
        exchanges.values().forEach(exchange -> write(exchange, out));
        bindings.values().forEach(binding -> write(binding, out));
    }

    private static void write(Exchange exchange, Output out) {
        out.byteValue(Images.EXCHANGE);
        out.varint(exchange.version);
        RouteCodec.encode(exchange.definition, out);
    }

    private static void write(Binding binding, Output out) {
        out.byteValue(Images.BINDING);
        out.varint(binding.version);
        RouteCodec.encode(binding.definition, out);
    }

    /// Takes in what follows [Images#EXCHANGE]. Bindings may come before their exchange.
    void readExchange(Input in) {
        long version = in.varint();
        put(new Exchange(RouteCodec.decodeExchange(in), version));
    }

    /// Takes in what follows [Images#BINDING].
    void readBinding(Input in) {
        long version = in.varint();
        put(new Binding(RouteCodec.decodeBinding(in), version));
    }
}
