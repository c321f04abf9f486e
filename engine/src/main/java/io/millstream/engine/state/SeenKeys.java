package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// What a queue has stored that it takes equal messages for, by the key that they have in common.
///
/// It lies in pages of up to 1024 keys in the order of their times, which are forgotten as a whole
/// when the last one's time is over. An open-addressed table of numbers leads from a key to its
/// place. So a key takes 40 to 56 bytes.
final class SeenKeys {
    private static final int PAGE_KEYS = 1024;
    private static final int SLOTS_MIN = 16;
    private static final int FREE = -1;

    private final HeapAccount heap;
    private final List<Page> pages = new ArrayList<>(0);

    /// The number of the next page: 0 if there is none, so that it follows from those that are
    /// there.
    private long nextPage;

    /// For each key its place, counted over all pages that ever were, modulo 2^31; or [#FREE].
    private int[] slots = {};

    private int used;

    /// Keys that follow each other in time.
    static final class Page {
        final long number;
        final long[] high = new long[PAGE_KEYS];
        final long[] low = new long[PAGE_KEYS];
        final long[] sequences = new long[PAGE_KEYS];
        final long[] times = new long[PAGE_KEYS];
        int count;

        /// The last snapshot that has it or was begun before it: see [Images].
        int imaged;

        Page(long number, int imaged) {
            this.number = number;
            this.imaged = imaged;
        }

        /// ```
        ///   +--------+-------+--------------------------------------------------+
        ///   | number | count | keys: 16, sequence, time since the one before, zz |
        ///   +--------+-------+--------------------------------------------------+
        /// ```
        void write(Output out) {
            out.varint(number);
            out.varint(count);
            long time = 0;
            for (int i = 0; i < count; i++) {
                new KeyHash(high[i], low[i]).write(out);
                out.varint(sequences[i]);
                out.zigzag(times[i] - time);
                time = times[i];
            }
        }

        static Page read(Input in) {
            Page page = new Page(in.varint(), 0);
            int count = in.size();
            if (count > PAGE_KEYS) {
                throw new MalformedException("A page has " + count + " keys");
            }
            long time = 0;
            for (int i = 0; i < count; i++) {
                KeyHash key = KeyHash.read(in);
                long sequence = in.varint();
                time += in.zigzag();
                page.add(key, sequence, time);
            }
            return page;
        }

        void add(KeyHash key, long sequence, long time) {
            high[count] = key.high();
            low[count] = key.low();
            sequences[count] = sequence;
            times[count] = time;
            count++;
        }

        boolean isFull() {
            return count == PAGE_KEYS;
        }

        long lastTime() {
            return times[count - 1];
        }
    }

    SeenKeys(HeapAccount heap) {
        this.heap = heap;
    }

    /// The message that had this key and was stored after `since`, in milliseconds since 1970; or
    /// 0.
    long find(KeyHash key, long since) {
        if (used == 0) {
            return 0;
        }
        int slot = slotOf(key.high(), key.low());
        if (slots[slot] == FREE) {
            return 0;
        }
        Page page = pageOf(slots[slot]);
        int index = slots[slot] % PAGE_KEYS;
        return page.times[index] > since ? page.sequences[index] : 0;
    }

    /// The page that the next key comes to, if there is one with room.
    @Nullable Page open() {
        return pages.isEmpty() || pages.getLast().isFull() ? null : pages.getLast();
    }

    /// The first page, if all of it was stored at `until` or before.
    @Nullable Page firstOver(long until) {
        return pages.isEmpty() || pages.getFirst().lastTime() > until ? null : pages.getFirst();
    }

    void add(KeyHash key, long sequence, long time, int imaged) {
        Page page = open();
        if (page == null) {
            page = new Page(nextPage, imaged);
            append(page);
        }
        page.add(key, sequence, time);
        index(page, page.count - 1);
    }

    private void append(Page page) {
        nextPage = Math.max(nextPage, page.number + 1);
        pages.add(page);
        heap.add(HeapCosts.SEEN_PAGE);
    }

    /// Takes in a page that was written; they come in any order but each one once.
    void restore(Page page) {
        append(page);
    }

    /// All pages have been taken in.
    void loaded() {
        pages.sort(Comparator.comparingLong(page -> page.number));
        slots = new int[0];
        used = 0;
        for (Page page : pages) {
            for (int i = 0; i < page.count; i++) {
                index(page, i);
            }
        }
    }

    /// Forgets the first page.
    void dropFirst() {
        Page first = pages.getFirst();
        for (int i = 0; i < first.count; i++) {
            int slot = slotOf(first.high[i], first.low[i]);
            if (slots[slot] == placeOf(first, i)) {
                free(slot);
            }
        }
        pages.removeFirst();
        if (pages.isEmpty()) {
            // As after a snapshot that has none.
            nextPage = 0;
        }
        heap.add(-HeapCosts.SEEN_PAGE);
    }

    /// Forgets all of them.
    void clear() {
        heap.add(-heapBytes());
        pages.clear();
        nextPage = 0;
        slots = new int[0];
        used = 0;
    }

    /// The first page from a number on, or null.
    @Nullable Page pageFrom(long number) {
        long index = pages.isEmpty() ? 0 : Math.max(0, number - pages.getFirst().number);
        return index < pages.size() ? pages.get((int) index) : null;
    }

    boolean isEmpty() {
        return pages.isEmpty();
    }

    /// How much heap it takes.
    long heapBytes() {
        return (long) pages.size() * HeapCosts.SEEN_PAGE;
    }

    // The table.

    private static int placeOf(Page page, int index) {
        return (int) ((page.number * PAGE_KEYS + index) & Integer.MAX_VALUE);
    }

    private Page pageOf(int place) {
        int pageMask = Integer.MAX_VALUE / PAGE_KEYS;
        int first = (int) (pages.getFirst().number & pageMask);
        return pages.get((place / PAGE_KEYS - first) & pageMask);
    }

    /// The key at `index` is what is found from now on.
    private void index(Page page, int index) {
        if (2 * (used + 1) > slots.length) {
            grow();
        }
        int slot = slotOf(page.high[index], page.low[index]);
        used += slots[slot] == FREE ? 1 : 0;
        slots[slot] = placeOf(page, index);
    }

    private void grow() {
        int[] old = slots;
        slots = new int[Math.max(SLOTS_MIN, 2 * old.length)];
        Arrays.fill(slots, FREE);
        for (int place : old) {
            if (place != FREE) {
                Page page = pageOf(place);
                int index = place % PAGE_KEYS;
                slots[slotOf(page.high[index], page.low[index])] = place;
            }
        }
    }

    /// Where a key is, or the free slot where it would be.
    private int slotOf(long high, long low) {
        int slot = homeOf(low);
        while (slots[slot] != FREE) {
            Page page = pageOf(slots[slot]);
            int index = slots[slot] % PAGE_KEYS;
            if (page.low[index] == low && page.high[index] == high) {
                return slot;
            }
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
            int home = homeOf(pageOf(slots[next]).low[slots[next] % PAGE_KEYS]);
            if (((next - home) & mask) >= ((next - gap) & mask)) {
                slots[gap] = slots[next];
                slots[next] = FREE;
                gap = next;
            }
        }
    }
}
