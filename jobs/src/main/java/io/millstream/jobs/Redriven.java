package io.millstream.jobs;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What became of dead jobs.
///
/// @param byQueue how many were sent back, by where to; of a dry run, how many would be
/// @param left how many stay in the dead set because they were refused
/// @param refusals why, the first few that differ
public record Redriven(SortedMap<String, Long> byQueue, long left, List<String> refusals) {
    /// Copies what it is given.
    public Redriven {
        byQueue = new TreeMap<>(byQueue);
        refusals = List.copyOf(refusals);
    }

    /// How many were sent back.
    public long jobs() {
        return byQueue.values().stream().mapToLong(Long::longValue).sum();
    }
}
