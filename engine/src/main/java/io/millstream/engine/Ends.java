package io.millstream.engine;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Those that wait, by when their wait ends; of those that end together, in the order in which they
/// came. Each call costs the logarithm of how many there are. The loop's own.
final class Ends<T> {
    private final TreeMap<End, T> byEnd = new TreeMap<>();
    private final Map<T, End> ends = new HashMap<>();
    private long count;

    private record End(long at, long number) implements Comparable<End> {
        private static final Comparator<End> SOONEST_FIRST =
                Comparator.comparingLong(End::at).thenComparingLong(End::number);

        @Override
        public int compareTo(End other) {
            return SOONEST_FIRST.compare(this, other);
        }
    }

    /// Adds one, or moves its end if it is there.
    ///
    /// @param at in milliseconds since 1970
    void add(T waiting, long at) {
        remove(waiting);
        End end = new End(at, count++);
        ends.put(waiting, end);
        byEnd.put(end, waiting);
    }

    /// Forgets one, if it is there.
    void remove(T waiting) {
        End end = ends.remove(waiting);
        if (end != null) {
            byEnd.remove(end);
        }
    }

    /// When the next wait ends, or [Long#MAX_VALUE].
    long next() {
        return byEnd.isEmpty() ? Long.MAX_VALUE : byEnd.firstKey().at;
    }

    /// The one whose wait ended first, or null if none has ended by `now`.
    @Nullable T firstEnded(long now) {
        Map.Entry<End, T> first = byEnd.firstEntry();
        return first == null || first.getKey().at > now ? null : first.getValue();
    }

    /// All of them, as they are now.
    List<T> all() {
        return List.copyOf(byEnd.values());
    }
}
