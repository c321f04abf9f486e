package io.millstream.testkit.memory;

import org.jspecify.annotations.Nullable;

import java.util.NavigableMap;
import java.util.TreeMap;

/// The messages of one group that are worked in order. Those that are stuck hold nobody up and are
/// not here.
final class GroupLine {

    private final NavigableMap<Long, Entry> entries = new TreeMap<>();
    private int leased;

    void add(Entry entry) {
        entries.put(entry.sequence(), entry);
        if (entry.isLeased()) leased++;
    }

    void remove(Entry entry) {
        entries.remove(entry.sequence());
        if (entry.isLeased()) leased--;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    boolean isLocked() {
        return leased > 0;
    }

    /// The first one that is not leased, if that is ready: one that waits for its time holds the
    /// others up.
    @Nullable Entry next() {
        return entries.values().stream()
                .filter(entry -> !entry.isLeased())
                .findFirst()
                .filter(Entry::isReady)
                .orElse(null);
    }
}
