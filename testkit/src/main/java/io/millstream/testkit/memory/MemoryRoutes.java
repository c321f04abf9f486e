package io.millstream.testkit.memory;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Target;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Exchanges and bindings by name. Guarded by the backend's lock.
final class MemoryRoutes {

    /// Something that was defined.
    ///
    /// @param definition all of it
    /// @param version of it
    record Declared<D extends Definition>(D definition, long version) {}

    private final Store store;
    private final NavigableMap<ChannelName, Declared<Definition.Exchange>> exchanges =
            new TreeMap<>();
    private final NavigableMap<BindingName, Declared<Definition.Binding>> bindings =
            new TreeMap<>();

    MemoryRoutes(Store store) {
        this.store = store;
    }

    Collection<Declared<Definition.Exchange>> exchanges() {
        return exchanges.values();
    }

    Collection<Declared<Definition.Binding>> bindings() {
        return bindings.values();
    }

    @Nullable Declared<Definition.Exchange> exchange(ChannelName name) {
        return exchanges.get(name);
    }

    @Nullable Declared<Definition.Binding> binding(BindingName id) {
        return bindings.get(id);
    }

    /// Those that lead from an exchange, in the order of their names.
    List<Definition.Binding> bindingsOf(ChannelName exchange) {
        return bindings.values().stream()
                .map(Declared::definition)
                .filter(binding -> binding.name().equals(exchange))
                .toList();
    }

    void set(ChannelName name, @Nullable Declared<Definition.Exchange> next) {
        var before = next == null ? exchanges.remove(name) : exchanges.put(name, next);
        store.journal().changed(() -> set(name, before));
    }

    void set(BindingName id, @Nullable Declared<Definition.Binding> next) {
        var before = next == null ? bindings.remove(id) : bindings.put(id, next);
        store.journal().changed(() -> set(id, before));
    }

    /// Nothing leads to it any more.
    void removeTarget(Target target) {
        List.copyOf(bindings.keySet()).stream()
                .filter(id -> id.target().equals(target))
                .forEach(id -> set(id, null));
    }
}
