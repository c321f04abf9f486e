package io.millstream.engine;

import io.millstream.api.Retention;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/// Drops what topics need not keep any more, an extent at a time: by size when something is
/// appended, by age when it is due. The loop's own.
final class TopicRetention {
    private static final int TRIMS_PER_STEP = 64;
    private static final long NEVER = Long.MAX_VALUE;

    private final State state;
    private final Journal journal;
    private final Set<Place> touched = new LinkedHashSet<>();

    /// When the oldest extent of a partition may be old enough, at the earliest; one for each
    /// partition that has two extents and a limit of time.
    private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::at));

    /// The earliest of these for each partition; later ones are passed over.
    private final Map<Place, Long> waiting = new HashMap<>();

    private record Place(long channel, int partition) {}

    private record Due(long at, Place place) {}

    TopicRetention(State state, Journal journal) {
        this.state = state;
        this.journal = journal;
        for (TopicState topic = state.topics().topicAfter(0);
                topic != null;
                topic = state.topics().topicAfter(topic.channel())) {
            touch(topic);
        }
    }

    /// Something was appended.
    void touch(long channel, int partition) {
        touched.add(new Place(channel, partition));
    }

    /// It is kept longer or shorter than before.
    void touch(TopicState topic) {
        for (int partition = 0; partition < topic.partitions().size(); partition++) {
            touch(topic.channel(), partition);
        }
    }

    /// When something is next due by age, in milliseconds since 1970.
    long nextDue() {
        Due next = due.peek();
        return next == null ? NEVER : next.at;
    }

    /// Drops some of what is to go.
    ///
    /// @return whether there was anything
    boolean step() {
        while (nextDue() <= state.now()) {
            Due next = due.remove();
            if (waiting.remove(next.place, next.at)) {
                touched.add(next.place);
            }
        }
        boolean dropped = false;
        for (int trims = 0; trims < TRIMS_PER_STEP && !touched.isEmpty(); trims++) {
            Place place = touched.iterator().next();
            Extent oldest = droppable(place);
            if (oldest == null) {
                touched.remove(place);
                continue;
            }
            Entry trimmed = new Entry.Trimmed(place.channel, place.partition, oldest.end());
            if (!journal.storeFromReserve(List.of(trimmed))) {
                return dropped;
            }
            dropped = true;
        }
        return dropped;
    }

    /// The partition's oldest extent, if it is to go; otherwise remembers when it will be.
    private @Nullable Extent droppable(Place place) {
        TopicState topic = state.topics().topic(place.channel);
        if (topic == null) {
            return null;
        }
        Retention retention = topic.definition().retention();
        PartitionState partition = topic.partitions().get(place.partition);
        Extent oldest = partition.droppable();
        if (oldest == null) {
            return null;
        }
        if (retention.bytes() > 0 && partition.bytes() > retention.bytes()) {
            return oldest;
        }
        Duration time = retention.time();
        if (time == null) {
            return null;
        }
        long at = oldest.stored() + Math.min(time.toMillis(), NEVER / 2);
        if (at <= state.now()) {
            return oldest;
        }
        if (at < waiting.getOrDefault(place, NEVER)) {
            waiting.put(place, at);
            due.add(new Due(at, place));
        }
        return null;
    }
}
