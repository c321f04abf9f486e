package io.millstream.testkit.memory;

import io.millstream.api.Deduplication;
import io.millstream.api.Deduplication.Scope;
import io.millstream.api.Message;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a queue knows of messages that it has stored, so as to store equal ones once. Guarded by
/// the backend's lock.
final class Remembered {

    /// The first of its kind.
    ///
    /// @param sequence where it was stored
    /// @param group what it belonged to, or null
    /// @param stored when
    private record First(long sequence, @Nullable String group, Moment stored) {}

    private final Store store;
    private final Map<String, List<First>> firsts = new HashMap<>();

    Remembered(Store store) {
        this.store = store;
    }

    /// The sequence of the message that this one is a duplicate of, or null.
    @Nullable Long first(Message message, @Nullable Deduplication by) {
        if (by == null || message.deduplication() == null) return null;
        for (First first : firsts.getOrDefault(message.deduplication(), List.of())) {
            boolean inTime = store.now().isBefore(first.stored().plus(by.window()));
            boolean inScope =
                    by.scope() == Scope.QUEUE || Objects.equals(first.group(), message.group());
            if (inTime && inScope) return first.sequence();
        }
        return null;
    }

    void remember(Message message, long sequence, @Nullable Deduplication by) {
        String what = message.deduplication();
        if (by == null || what == null) return;
        List<First> before = firsts.getOrDefault(what, List.of());
        List<First> after = new ArrayList<>(before);
        after.removeIf(first -> !store.now().isBefore(first.stored().plus(by.window())));
        after.add(new First(sequence, message.group(), store.now()));
        firsts.put(what, after);
        store.journal().changed(() -> firsts.put(what, before));
    }

    void forget() {
        Map<String, List<First>> before = Map.copyOf(firsts);
        firsts.clear();
        store.journal().changed(() -> firsts.putAll(before));
    }
}
