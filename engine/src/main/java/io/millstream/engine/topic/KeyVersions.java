package io.millstream.engine.topic;

import io.millstream.api.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.TreeMap;

/// How many records each key of a partition has had. Bounded by the topic's definition, which
/// refuses another key when there are as many as it allows.
public final class KeyVersions {
    private final TreeMap<Bytes, Long> byKey = new TreeMap<>();

    /// How many records this key has had.
    public long of(Bytes key) {
        return byKey.getOrDefault(key, 0L);
    }

    /// How many keys there are.
    public int size() {
        return byKey.size();
    }

    /// Another record of this key.
    public void count(Bytes key) {
        byKey.merge(key, 1L, Long::sum);
    }

    /// The next key in their order, the first one after null; or null.
    public @Nullable Bytes after(@Nullable Bytes key) {
        return key == null ? byKey.ceilingKey(Bytes.EMPTY) : byKey.higherKey(key);
    }

    /// Takes back what a snapshot remembers.
    public void restore(Bytes key, long records) {
        byKey.put(key, records);
    }
}
