package io.millstream.engine;

import io.millstream.api.Retention;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionId;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Drops what topics need not keep any more, an extent at a time: by size when something is
/// appended, by age when it is due. The loop's own.
final class TopicRetention {
    private static final int TRIMS_PER_STEP = 64;
    private static final int LOOKS_PER_STEP = 4096;
    private static final long NEVER = Long.MAX_VALUE;

    private final State state;
    private final Journal journal;
    private final Set<PartitionId> touched = new LinkedHashSet<>();

    /// When the oldest extent of a partition may be old enough, at the earliest; one for each
    /// partition that has two extents and a limit of time.
    private final Ends<PartitionId> due = new Ends<>();

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
        touched.add(new PartitionId(channel, partition));
    }

    /// It is kept longer or shorter than before.
    void touch(TopicState topic) {
        for (int partition = 0; partition < topic.partitions().size(); partition++) {
            touch(topic.channel(), partition);
        }
    }

    /// A topic of so many partitions is gone.
    void removed(long channel, int partitions) {
        for (int partition = 0; partition < partitions; partition++) {
            PartitionId place = new PartitionId(channel, partition);
            due.remove(place);
            touched.remove(place);
        }
    }

    /// When something is next due by age, in milliseconds since 1970.
    long nextDue() {
        return due.next();
    }

    /// Whether there is nothing left to look at before [#nextDue].
    boolean isDone() {
        return touched.isEmpty();
    }

    /// Looks at some of what was touched or is due, and drops what is to go.
    ///
    /// @return whether it got on
    boolean step() {
        for (PartitionId next = due.firstEnded(state.now());
                next != null;
                next = due.firstEnded(state.now())) {
            due.remove(next);
            touched.add(next);
        }
        int trims = 0;
        int looks = 0;
        while (trims < TRIMS_PER_STEP && looks < LOOKS_PER_STEP && !touched.isEmpty()) {
            PartitionId place = touched.iterator().next();
            Extent oldest = droppable(place);
            if (oldest == null) {
                touched.remove(place);
                looks++;
                continue;
            }
            Entry trimmed = new Entry.Trimmed(place.channel(), place.partition(), oldest.end());
            if (!journal.storeFromHalfReserve(List.of(trimmed))) {
                break;
            }
            trims++;
        }
        return trims + looks > 0;
    }

    /// The partition's oldest extent, if it is to go; otherwise remembers when it will be.
    private @Nullable Extent droppable(PartitionId place) {
        TopicState topic = state.topics().topic(place.channel());
        if (topic == null) {
            return null;
        }
        Retention retention = topic.definition().retention();
        PartitionState partition = topic.partitions().get(place.partition());
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
        due.add(place, at);
        return null;
    }
}
