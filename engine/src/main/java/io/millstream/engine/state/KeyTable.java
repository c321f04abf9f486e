package io.millstream.engine.state;

import java.util.Arrays;

/// Leads from keys to numbers of their places, which know the keys: open addressing, so that a key
/// takes 8 to 16 bytes here.
final class KeyTable {
    private static final int SLOTS_MIN = 16;
    private static final int FREE = -1;

    private final Keys keys;
    private int[] slots = {};
    private int used;

    /// The keys themselves.
    interface Keys {
        /// The key at a place that is in the table.
        KeyHash at(int place);

        /// The second half of the key at a place.
        long lowAt(int place);

        /// Whether a key is the one at a place.
        boolean isAt(int place, KeyHash key);
    }

    KeyTable(Keys keys) {
        this.keys = keys;
    }

    /// The place of a key, or -1.
    int find(KeyHash key) {
        return used == 0 ? FREE : slots[slotOf(key)];
    }

    /// A key, which has its place, is found there from now on.
    void put(KeyHash key, int place) {
        if (2 * (used + 1) > slots.length) {
            grow();
        }
        int slot = slotOf(key);
        used += slots[slot] == FREE ? 1 : 0;
        slots[slot] = place;
    }

    /// A key, which still has its place, is not found there any more.
    void remove(KeyHash key, int place) {
        int slot = slotOf(key);
        if (slots[slot] == place) {
            free(slot);
        }
    }

    void clear() {
        slots = new int[0];
        used = 0;
    }

    private void grow() {
        int[] old = slots;
        slots = new int[Math.max(SLOTS_MIN, 2 * old.length)];
        Arrays.fill(slots, FREE);
        for (int place : old) {
            if (place != FREE) {
                slots[slotOf(keys.at(place))] = place;
            }
        }
    }

    /// Where a key is, or the free slot where it would be.
    private int slotOf(KeyHash key) {
        int slot = homeOf(key.low());
        while (slots[slot] != FREE && !keys.isAt(slots[slot], key)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private int homeOf(long low) {
        return (int) (low ^ (low >>> Integer.SIZE)) & (slots.length - 1);
    }

    /// Frees a slot and closes the gap, so that what follows is still found.
    private void free(int slot) {
        used--;
        int gap = slot;
        slots[gap] = FREE;
        int mask = slots.length - 1;
        for (int next = (gap + 1) & mask; slots[next] != FREE; next = (next + 1) & mask) {
            int home = homeOf(keys.lowAt(slots[next]));
            if (((next - home) & mask) >= ((next - gap) & mask)) {
                slots[gap] = slots[next];
                slots[next] = FREE;
                gap = next;
            }
        }
    }
}
