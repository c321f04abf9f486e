package io.millstream.engine.topic;

import io.millstream.api.Bytes;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.TreeMap;

/// How many records each key of a partition has had. Bounded by the topic's definition, which
/// refuses another key when there are as many as it allows.
public final class KeyVersions {
    private final TreeMap<Bytes, Long> byKey = new TreeMap<>();
    private final HeapAccount heap;

    /// Without keys.
    ///
    /// @param heap what they are charged to, and nothing else
    KeyVersions(HeapAccount heap) {
        this.heap = heap;
    }

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
        if (byKey.merge(key, 1L, Long::sum) == 1) {
            charge(key);
        }
    }

    /// The next key in their order, the first one after null; or null.
    public @Nullable Bytes after(@Nullable Bytes key) {
        return key == null ? byKey.ceilingKey(Bytes.EMPTY) : byKey.higherKey(key);
    }

    /// Takes back what a snapshot remembers.
    public void restore(Bytes key, long records) {
        if (byKey.put(key, records) == null) {
            charge(key);
        }
    }

    private void charge(Bytes key) {
        heap.add(HeapCosts.KEY + key.length());
    }

    /// Nobody holds it any more but a snapshot that has not got to it yet.
    void forgotten() {
        heap.clear();
    }
}
