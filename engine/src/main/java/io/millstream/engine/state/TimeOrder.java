package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// Sequences by a time: the earliest first, and at equal times the smallest.
///
/// It lies in leaves of up to 256 pairs, each sorted, which are sorted by their first pair. So a
/// pair takes 16 to 32 bytes, whatever their number; finding one takes a binary search over leaves
/// and one in a leaf. What comes in order, as most does, fills leaves to the end, and the first
/// pair leaves without anything being moved.
final class TimeOrder {
    private static final int PAIRS_MAX = 256;
    private static final @Nullable Leaf[] NONE = {};

    private @Nullable Leaf[] leaves = NONE;
    private int count;
    private int size;

    /// Sorted pairs of a time and a sequence: from 2 * `from` on, in front of 2 * `end`.
    private static final class Leaf {
        long[] pairs;
        int from;
        int end;

        Leaf(int capacity) {
            pairs = new long[2 * capacity];
        }

        int size() {
            return end - from;
        }

        /// Where a pair is, or where it would have to be.
        int find(long time, long sequence) {
            int low = from;
            int high = end;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (isBefore(pairs[2 * middle], pairs[2 * middle + 1], time, sequence)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        boolean isAt(int index, long time, long sequence) {
            return index < end && pairs[2 * index] == time && pairs[2 * index + 1] == sequence;
        }

        /// Has room for it.
        void insert(int index, long time, long sequence) {
            int at = index;
            if (2 * end == pairs.length) {
                at -= from;
                makeRoom();
            }
            System.arraycopy(pairs, 2 * at, pairs, 2 * at + 2, 2 * (end - at));
            pairs[2 * at] = time;
            pairs[2 * at + 1] = sequence;
            end++;
        }

        /// Begins at 0 and has room for one more at the end.
        private void makeRoom() {
            long[] larger =
                    from > end / 2 ? pairs : new long[2 * Math.min(PAIRS_MAX, 2 * size() + 1)];
            System.arraycopy(pairs, 2 * from, larger, 0, 2 * size());
            end -= from;
            from = 0;
            pairs = larger;
        }

        void remove(int index) {
            if (index == from) {
                from++;
            } else {
                System.arraycopy(pairs, 2 * index + 2, pairs, 2 * index, 2 * (end - index - 1));
                end--;
            }
        }

        /// Keeps the first half.
        ///
        /// @return the second one
        Leaf split() {
            int middle = from + size() / 2;
            Leaf second = new Leaf(PAIRS_MAX);
            System.arraycopy(pairs, 2 * middle, second.pairs, 0, 2 * (end - middle));
            second.end = end - middle;
            end = middle;
            return second;
        }
    }

    private static boolean isBefore(long time, long sequence, long ofTime, long ofSequence) {
        return time < ofTime || (time == ofTime && sequence < ofSequence);
    }

    private Leaf leaf(int number) {
        return Invariant.present(leaves[number], "There is no leaf %d", number);
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// The earliest time, or [Long#MAX_VALUE].
    long firstTime() {
        return size == 0 ? Long.MAX_VALUE : leaf(0).pairs[2 * leaf(0).from];
    }

    /// The first sequence, if there is one.
    long firstSequence() {
        return leaf(0).pairs[2 * leaf(0).from + 1];
    }

    /// The last sequence, if there is one.
    long lastSequence() {
        return leaf(count - 1).pairs[2 * leaf(count - 1).end - 1];
    }

    /// Adds a pair that is not there.
    void add(long time, long sequence) {
        int number = leafOf(time, sequence);
        if (number < 0) {
            number = 0;
            insert(0, new Leaf(1));
        }
        Leaf leaf = leaf(number);
        if (leaf.size() == PAIRS_MAX) {
            if (number == count - 1 && leaf.find(time, sequence) == leaf.end) {
                leaf = new Leaf(PAIRS_MAX);
                insert(count, leaf);
            } else {
                Leaf second = leaf.split();
                insert(number + 1, second);
                if (!isBefore(time, sequence, second.pairs[0], second.pairs[1])) {
                    leaf = second;
                }
            }
        }
        leaf.insert(leaf.find(time, sequence), time, sequence);
        size++;
    }

    /// Takes a pair out.
    ///
    /// @return whether it was there
    boolean remove(long time, long sequence) {
        int number = leafOf(time, sequence);
        if (number < 0) {
            return false;
        }
        Leaf leaf = leaf(number);
        int index = leaf.find(time, sequence);
        if (!leaf.isAt(index, time, sequence)) {
            return false;
        }
        leaf.remove(index);
        if (leaf.size() == 0) {
            System.arraycopy(leaves, number + 1, leaves, number, count - number - 1);
            leaves[--count] = null;
        }
        size--;
        return true;
    }

    boolean contains(long time, long sequence) {
        int number = leafOf(time, sequence);
        return number >= 0 && leaf(number).isAt(leaf(number).find(time, sequence), time, sequence);
    }

    /// The leaf that a pair is or would be in, or -1 if there is none.
    private int leafOf(long time, long sequence) {
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            Leaf leaf = leaf(middle);
            if (isBefore(
                    time, sequence, leaf.pairs[2 * leaf.from], leaf.pairs[2 * leaf.from + 1])) {
                high = middle - 1;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private void insert(int number, Leaf leaf) {
        if (count == leaves.length) {
            leaves = Arrays.copyOf(leaves, count == 0 ? 1 : 2 * count);
        }
        System.arraycopy(leaves, number, leaves, number + 1, count - number);
        leaves[number] = leaf;
        count++;
    }

    void clear() {
        leaves = NONE;
        count = 0;
        size = 0;
    }

    /// Goes over the pairs in order; ends with the next change.
    Walk walk() {
        return new Walk(0, count == 0 ? 0 : leaf(0).from);
    }

    /// Goes over the pairs behind one, which need not be there.
    Walk walkBehind(long time, long sequence) {
        int number = leafOf(time, sequence);
        if (number < 0) {
            return walk();
        }
        int index = leaf(number).find(time, sequence);
        return new Walk(number, leaf(number).isAt(index, time, sequence) ? index + 1 : index);
    }

    /// Where somebody is who goes over the pairs.
    final class Walk {
        private int number;
        private int index;

        private Walk(int number, int index) {
            this.number = number;
            this.index = index;
            skip();
        }

        private void skip() {
            if (number < count && index >= leaf(number).end) {
                number++;
                index = number < count ? leaf(number).from : 0;
            }
        }

        /// Whether it stands at a pair.
        boolean isAtOne() {
            return number < count;
        }

        long time() {
            return leaf(number).pairs[2 * index];
        }

        long sequence() {
            return leaf(number).pairs[2 * index + 1];
        }

        void advance() {
            index++;
            skip();
        }
    }
}
