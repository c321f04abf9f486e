package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.function.Consumer;

/// A hash map from positive longs to objects, without an object per key: open addressing, linear
/// probing.
///
/// @param <V> the values
final class LongMap<V> {
    private static final long FREE = 0;
    private static final int CAPACITY_MIN = 8;
    private static final long[] NO_KEYS = {};
    private static final Object[] NO_VALUES = {};

    private long[] keys = NO_KEYS;
    private @Nullable Object[] values = NO_VALUES;
    private int size;

    LongMap() {}

    /// An empty one with room for so many.
    LongMap(int expected) {
        if (expected > 0) {
            rehash(Math.max(CAPACITY_MIN, Integer.highestOneBit(expected) * 4));
        }
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @Nullable V get(long key) {
        int slot = find(key);
        return slot < 0 ? null : valueAt(slot);
    }

    boolean contains(long key) {
        return find(key) >= 0;
    }

    void put(long key, V value) {
        if (keys.length == 0 || size >= keys.length / 2) {
            rehash(Math.max(CAPACITY_MIN, keys.length * 2));
        }
        int slot = slotOf(key);
        while (keys[slot] != FREE && keys[slot] != key) {
            slot = next(slot);
        }
        if (keys[slot] == FREE) {
            size++;
        }
        keys[slot] = key;
        values[slot] = value;
    }

    @Nullable V remove(long key) {
        int slot = find(key);
        if (slot < 0) {
            return null;
        }
        V value = valueAt(slot);
        closeGap(slot);
        size--;
        if (size == 0 && keys.length > CAPACITY_MIN) {
            clear();
        }
        return value;
    }

    void clear() {
        keys = NO_KEYS;
        values = NO_VALUES;
        size = 0;
    }

    /// The keys in ascending order.
    long[] sortedKeys() {
        return Arrays.stream(keys).filter(key -> key != FREE).sorted().toArray();
    }

    /// Visits the values in no order; `visitor` must not change the map.
    void forEach(Consumer<? super V> visitor) {
        for (int slot = 0; slot < keys.length; slot++) {
            V value = valueAt(slot);
            if (value != null) {
                visitor.accept(value);
            }
        }
    }

    private int find(long key) {
        if (size == 0) {
            return -1;
        }
        int slot = slotOf(key);
        while (keys[slot] != FREE) {
            if (keys[slot] == key) {
                return slot;
            }
            slot = next(slot);
        }
        return -1;
    }

    /// Moves back what was pushed past the freed slot, so that probing needs no tombstones.
    private void closeGap(int freed) {
        int gap = freed;
        int slot = next(gap);
        while (keys[slot] != FREE) {
            int home = slotOf(keys[slot]);
            boolean reachable =
                    gap <= slot ? (home > gap && home <= slot) : (home > gap || home <= slot);
            if (!reachable) {
                keys[gap] = keys[slot];
                values[gap] = values[slot];
                gap = slot;
            }
            slot = next(slot);
        }
        keys[gap] = FREE;
        values[gap] = null;
    }

    private void rehash(int capacity) {
        long[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new long[capacity];
        values = new Object[capacity];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != FREE) {
                int slot = slotOf(oldKeys[i]);
                while (keys[slot] != FREE) {
                    slot = next(slot);
                }
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }

    private int slotOf(long key) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & (keys.length - 1);
    }

    private int next(int slot) {
        return (slot + 1) & (keys.length - 1);
    }

    @SuppressWarnings("unchecked")
    private @Nullable V valueAt(int slot) {
        return (V) values[slot];
    }
}
