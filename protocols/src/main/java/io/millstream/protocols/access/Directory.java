package io.millstream.protocols.access;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// All users as of one moment. Never changes.
public final class Directory {
    static final Directory EMPTY = new Directory(new TreeMap<>());

    private final NavigableMap<String, Stored> byName;
    private final Map<String, KeyHolder> byKey = new HashMap<>();

    /// A user and where it stands in the store.
    ///
    /// @param user the user
    /// @param version of its row
    record Stored(User user, long version) {}

    /// Who has a key, and the key.
    ///
    /// @param user the user
    /// @param key the key
    public record KeyHolder(User user, Verifier.AwsKey key) {}

    private Directory(NavigableMap<String, Stored> byName) {
        this.byName = byName;
        for (Stored stored : byName.values()) {
            for (Verifier.AwsKey key : stored.user().keys()) {
                byKey.putIfAbsent(key.id(), new KeyHolder(stored.user(), key));
            }
        }
    }

    static Directory of(Collection<Stored> all) {
        TreeMap<String, Stored> byName = new TreeMap<>();
        all.forEach(stored -> byName.put(stored.user().name(), stored));
        return new Directory(byName);
    }

    Directory with(Stored stored) {
        TreeMap<String, Stored> changed = new TreeMap<>(byName);
        changed.put(stored.user().name(), stored);
        return new Directory(changed);
    }

    Directory without(String name) {
        TreeMap<String, Stored> changed = new TreeMap<>(byName);
        changed.remove(name);
        return new Directory(changed);
    }

    /// Whether there are no users at all.
    public boolean isEmpty() {
        return byName.isEmpty();
    }

    /// How many there are.
    public int size() {
        return byName.size();
    }

    /// Every user, by name.
    public Collection<User> all() {
        return byName.values().stream().map(Stored::user).toList();
    }

    /// The user of this name.
    public Optional<User> named(String name) {
        return Optional.ofNullable(byName.get(name)).map(Stored::user);
    }

    /// Who has the key of this id.
    public Optional<KeyHolder> keyHolder(String id) {
        return Optional.ofNullable(byKey.get(id));
    }

    Optional<Stored> stored(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
