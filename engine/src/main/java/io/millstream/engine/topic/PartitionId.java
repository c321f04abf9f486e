package io.millstream.engine.topic;

import java.util.Comparator;

/// A partition of a topic.
///
/// @param channel the topic's number
public record PartitionId(long channel, int partition) implements Comparable<PartitionId> {
    private static final Comparator<PartitionId> IN_ORDER =
            Comparator.comparingLong(PartitionId::channel).thenComparingInt(PartitionId::partition);

    @Override
    public int compareTo(PartitionId other) {
        return IN_ORDER.compare(this, other);
    }
}
