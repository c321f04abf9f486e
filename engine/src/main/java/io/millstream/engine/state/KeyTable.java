package io.millstream.engine.state;

import java.util.Arrays;

/// Leads from keys to numbers of their places in pages of [KeyColumn#KEYS], which know the keys:
/// open addressing, so that a key takes 8 to 16 bytes here.
final class KeyTable {
    private static final int SLOTS_MIN = 16;
    private static final int FREE = -1;

    private final Pages pages;
    private int[] slots = {};
    private int used;

    /// The keys themselves.
    interface Pages {
        /// Those of the page that a place in the table is in.
        KeyColumn of(int place);
    }

    KeyTable(Pages pages) {
        this.pages = pages;
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
                KeyHash key = pages.of(place).at(place % KeyColumn.KEYS);
                slots[slotOf(key)] = place;
            }
        }
    }

    /// Where a key is, or the free slot where it would be.
    private int slotOf(KeyHash key) {
        int slot = homeOf(key.low());
        while (slots[slot] != FREE && !isAt(slots[slot], key)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private boolean isAt(int place, KeyHash key) {
        return pages.of(place).isAt(place % KeyColumn.KEYS, key);
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
            int place = slots[next];
            int home = homeOf(pages.of(place).lowAt(place % KeyColumn.KEYS));
            if (((next - home) & mask) >= ((next - gap) & mask)) {
                slots[gap] = slots[next];
                slots[next] = FREE;
                gap = next;
            }
        }
    }
}
