package io.millstream.engine.state;

import java.util.Map;
import java.util.TreeMap;

/// How many unsettled messages lie in each stretch of the log: what is still needed, and from where
/// on.
final class LiveRecords {
    private final long stretchBytes;
    private final TreeMap<Long, long[]> counts = new TreeMap<>();

    LiveRecords(long stretchBytes) {
        this.stretchBytes = stretchBytes;
    }

    /// Adds `change`, which may be negative, to the stretch of `position`.
    void add(long position, int change) {
        long stretch = position / stretchBytes;
        long[] count = counts.computeIfAbsent(stretch, key -> new long[1]);
        count[0] += change;
        Invariant.check(count[0] >= 0, "Live records below zero at %d", position);
        if (count[0] == 0) {
            counts.remove(stretch);
        }
    }

    /// The start of the first stretch that is needed, or `otherwise` if none is.
    long oldest(long otherwise) {
        Map.Entry<Long, long[]> first = counts.firstEntry();
        return first == null ? otherwise : first.getKey() * stretchBytes;
    }
}
