package io.millstream.engine.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A set of sequences that costs what its gaps cost: ranges in order, none touching the next.
public final class Ranges {
    private final TreeMap<Long, Long> lastByFirst = new TreeMap<>();
    private long size;

    /// Sequences that follow each other, both ends included.
    public record Range(long first, long last) {

        /// `7`, or `7-9`.
        @Override
        public String toString() {
            return first == last ? Long.toString(first) : first + "-" + last;
        }
    }

    /// Whether there are none.
    public boolean isEmpty() {
        return lastByFirst.isEmpty();
    }

    /// How many sequences it holds.
    public long size() {
        return size;
    }

    /// Whether it holds `sequence`.
    public boolean contains(long sequence) {
        Map.Entry<Long, Long> floor = lastByFirst.floorEntry(sequence);
        return floor != null && floor.getValue() >= sequence;
    }

    /// The ranges in order.
    public List<Range> ranges() {
        List<Range> ranges = new ArrayList<>(lastByFirst.size());
        lastByFirst.forEach((first, last) -> ranges.add(new Range(first, last)));
        return ranges;
    }

    /// Adds one sequence.
    public void add(long sequence) {
        add(sequence, sequence);
    }

    /// Adds the sequences from `first` to `last`; none if there are none.
    public void add(long first, long last) {
        if (last < first) {
            return;
        }
        long from = first;
        long to = last;
        Map.Entry<Long, Long> touching = lastByFirst.floorEntry(to + 1);
        while (touching != null && touching.getValue() >= from - 1) {
            from = Math.min(from, touching.getKey());
            to = Math.max(to, touching.getValue());
            drop(touching);
            touching = lastByFirst.floorEntry(to + 1);
        }
        insert(from, to);
    }

    /// Adds all of `others`.
    public void addAll(Ranges others) {
        others.lastByFirst.forEach(this::add);
    }

    /// Removes one sequence, if it is there.
    public void remove(long sequence) {
        removeAll(sequence, sequence);
    }

    /// Removes the sequences from `first` to `last`, as far as they are there.
    public void removeAll(long first, long last) {
        Map.Entry<Long, Long> range = lastByFirst.floorEntry(last);
        while (range != null && range.getValue() >= first) {
            drop(range);
            insert(range.getKey(), first - 1);
            insert(last + 1, range.getValue());
            range = lastByFirst.lowerEntry(first);
        }
    }

    private void insert(long first, long last) {
        if (first <= last) {
            lastByFirst.put(first, last);
            size += last - first + 1;
        }
    }

    private void drop(Map.Entry<Long, Long> range) {
        lastByFirst.remove(range.getKey());
        size -= range.getValue() - range.getKey() + 1;
    }

    /// `1-5, 8`.
    @Override
    public String toString() {
        return String.join(", ", ranges().stream().map(Range::toString).toList());
    }
}
