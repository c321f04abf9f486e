package io.millstream.engine.state;

import java.util.Comparator;
import java.util.TreeSet;

/// The messages of a queue that do not lie in the order of their age and may expire, oldest first:
/// those that were handed out and rest now, and those that another queue gave up. All others from
/// the cursor on are in order, because nothing is put that is older than what was put before.
final class Ages {
    private final TreeSet<Aged> byAge = new TreeSet<>();

    /// One message.
    ///
    /// @param stored when it was first stored, in milliseconds since 1970
    record Aged(long stored, long sequence) implements Comparable<Aged> {
        private static final Comparator<Aged> OLDEST_FIRST =
                Comparator.comparingLong(Aged::stored).thenComparingLong(Aged::sequence);

        @Override
        public int compareTo(Aged other) {
            return OLDEST_FIRST.compare(this, other);
        }
    }

    void add(long stored, long sequence) {
        byAge.add(new Aged(stored, sequence));
    }

    void remove(long stored, long sequence) {
        byAge.remove(new Aged(stored, sequence));
    }

    void clear() {
        byAge.clear();
    }

    /// When the oldest one was stored, or [Long#MAX_VALUE].
    long oldest() {
        return byAge.isEmpty() ? Long.MAX_VALUE : byAge.first().stored;
    }

    Iterable<Aged> oldestFirst() {
        return byAge;
    }
}
