package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What a queue has stored that it takes equal messages for, by the key that they have in common.
///
/// It lies in pages of up to 1024 keys in the order of their times, which are forgotten as a whole
/// when the last one's time is over. An open-addressed table of numbers leads from a key to its
/// place. So a key takes 40 to 56 bytes.
final class SeenKeys {
    private final HeapAccount heap;
    private final List<Page> pages = new ArrayList<>(0);

    /// The number of the next page: 0 if there is none, so that it follows from those that are
    /// there.
    private long nextPage;

    private final KeyTable table = new KeyTable(place -> pageOf(place).keys);

    /// Keys that follow each other in time.
    static final class Page {
        final long number;
        final KeyColumn keys = new KeyColumn();
        final long[] sequences = new long[KeyColumn.KEYS];
        final long[] times = new long[KeyColumn.KEYS];
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
                keys.at(i).write(out);
                out.varint(sequences[i]);
                out.zigzag(times[i] - time);
                time = times[i];
            }
        }

        static Page read(Input in) {
            Page page = new Page(in.varint(), 0);
            int count = in.size();
            if (count > KeyColumn.KEYS) {
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
            keys.set(count, key);
            sequences[count] = sequence;
            times[count] = time;
            count++;
        }

        boolean isFull() {
            return count == KeyColumn.KEYS;
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
        int place = table.find(key);
        if (place < 0) {
            return 0;
        }
        Page page = pageOf(place);
        int index = place % KeyColumn.KEYS;
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
        table.put(key, placeOf(page, page.count - 1));
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
        table.clear();
        for (Page page : pages) {
            for (int i = 0; i < page.count; i++) {
                table.put(page.keys.at(i), placeOf(page, i));
            }
        }
    }

    /// Forgets the first page.
    void dropFirst() {
        Page first = pages.getFirst();
        for (int i = 0; i < first.count; i++) {
            table.remove(first.keys.at(i), placeOf(first, i));
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
        table.clear();
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

    /// Counted over all pages that ever were, modulo 2^31.
    private static int placeOf(Page page, int index) {
        return (int) ((page.number * KeyColumn.KEYS + index) & Integer.MAX_VALUE);
    }

    private Page pageOf(int place) {
        int pageMask = Integer.MAX_VALUE / KeyColumn.KEYS;
        int first = (int) (pages.getFirst().number & pageMask);
        return pages.get((place / KeyColumn.KEYS - first) & pageMask);
    }
}
