package io.millstream.engine.state;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/// The [Pace] of each key of a queue that has begun lately, whether it has messages or not.
///
/// It lies in pages of up to 1024 keys. A place is used again, the one whose time is over longest
/// first, so there are as many places as keys had a time in the future at once. A key takes 60 to
/// 100 bytes.
final class Paces {
    private final HeapAccount heap;
    private final List<Page> pages = new ArrayList<>(0);
    private final KeyTable places = new KeyTable(place -> pageOf(place).keys);

    /// All places, by what is remembered there.
    private final TimeOrder byNext = new TimeOrder();

    /// Some keys, in no order.
    static final class Page {
        final int number;
        private final KeyColumn keys = new KeyColumn();
        private final long[] next = new long[KeyColumn.KEYS];
        private int count;

        /// The last snapshot that has it or was begun before it: see [Images].
        int imaged;

        Page(int number, int imaged) {
            this.number = number;
            this.imaged = imaged;
        }

        /// ```
        ///   +--------+-------+------------------------------+
        ///   | number | count | keys: 16, next, see Pace     |
        ///   +--------+-------+------------------------------+
        /// ```
        void write(Output out) {
            out.varint(number);
            out.varint(count);
            for (int i = 0; i < count; i++) {
                keys.at(i).write(out);
                out.varint(next[i]);
            }
        }

        static Page read(Input in) {
            Page page = new Page(in.intValue(), 0);
            page.count = in.size();
            if (page.count > KeyColumn.KEYS) {
                throw new MalformedException("A page has " + page.count + " keys");
            }
            for (int i = 0; i < page.count; i++) {
                page.set(i, KeyHash.read(in), in.varint());
            }
            return page;
        }

        private void set(int index, KeyHash key, long time) {
            keys.set(index, key);
            next[index] = time;
        }
    }

    /// Is told of a page before it changes.
    interface Changing {
        void changing(Page page);
    }

    Paces(HeapAccount heap) {
        this.heap = heap;
    }

    /// What is remembered of a key, or 0.
    long find(KeyHash key) {
        int place = places.find(key);
        return place < 0 ? 0 : nextAt(place);
    }

    /// Remembers something of a key.
    ///
    /// @param imaged what a new page bears
    void set(KeyHash key, long next, long now, int imaged, Changing changing) {
        int place = places.find(key);
        if (place < 0) {
            place = placeFor(key, now, imaged, changing);
        } else {
            byNext.remove(nextAt(place), place);
            changing.changing(pageOf(place));
        }
        pageOf(place).next[place % KeyColumn.KEYS] = next;
        byNext.add(next, place);
    }

    /// A place that is in no order.
    private int placeFor(KeyHash key, long now, int imaged, Changing changing) {
        if (!byNext.isEmpty() && Pace.isPast(byNext.firstTime(), now)) {
            int place = (int) byNext.firstSequence();
            changing.changing(pageOf(place));
            byNext.remove(byNext.firstTime(), place);
            places.remove(keyAt(place), place);
            pageOf(place).set(place % KeyColumn.KEYS, key, 0);
            places.put(key, place);
            return place;
        }
        if (pages.isEmpty() || pages.getLast().count == KeyColumn.KEYS) {
            append(new Page(pages.size(), imaged));
        }
        Page page = pages.getLast();
        changing.changing(page);
        int place = page.number * KeyColumn.KEYS + page.count;
        page.set(page.count++, key, 0);
        places.put(key, place);
        return place;
    }

    /// Forgets what is remembered of keys that are not to be kept. Takes as long as there are keys.
    void retain(Predicate<KeyHash> kept, Changing changing) {
        for (Page page : pages) {
            for (int i = 0; i < page.count; i++) {
                int place = page.number * KeyColumn.KEYS + i;
                if (page.next[i] != 0 && !kept.test(keyAt(place))) {
                    changing.changing(page);
                    byNext.remove(page.next[i], place);
                    page.next[i] = 0;
                    byNext.add(0, place);
                }
            }
        }
    }

    private void append(Page page) {
        pages.add(page);
        heap.add(HeapCosts.PACE_PAGE);
    }

    int pages() {
        return pages.size();
    }

    Page page(int number) {
        return pages.get(number);
    }

    /// How much heap it takes.
    long heapBytes() {
        return (long) pages.size() * HeapCosts.PACE_PAGE;
    }

    /// Takes in a page that was written; they come in any order but each one once.
    void restore(Page page) {
        append(page);
    }

    /// All pages have been taken in.
    void loaded() {
        pages.sort(Comparator.comparingInt(page -> page.number));
        for (Page page : pages) {
            for (int i = 0; i < page.count; i++) {
                int place = page.number * KeyColumn.KEYS + i;
                places.put(keyAt(place), place);
                byNext.add(page.next[i], place);
            }
        }
    }

    private Page pageOf(int place) {
        return pages.get(place / KeyColumn.KEYS);
    }

    private long nextAt(int place) {
        return pageOf(place).next[place % KeyColumn.KEYS];
    }

    private KeyHash keyAt(int place) {
        return pageOf(place).keys.at(place % KeyColumn.KEYS);
    }
}
