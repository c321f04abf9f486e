package io.millstream.testkit.memory;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// The ready messages of one priority, shared fairly among their groups: start-time fair queueing
/// with equal weights. A group's tag is what it has had; one that comes back after a pause is not
/// owed anything for it. Messages without a group are one more group.
final class FairLane {

    private final Map<Optional<String>, NavigableMap<Place, Entry>> groups = new HashMap<>();
    private final Map<Optional<String>, Long> tags = new HashMap<>();
    private long virtual;

    /// An empty lane in which the groups have had as much as in this one.
    FairLane emptied() {
        FairLane lane = new FairLane();
        lane.tags.putAll(tags);
        lane.virtual = virtual;
        return lane;
    }

    void add(Entry entry) {
        Optional<String> group = Optional.ofNullable(entry.origin().group());
        if (!groups.containsKey(group)) tags.merge(group, virtual, Math::max);
        groups.computeIfAbsent(group, _ -> new TreeMap<>()).put(entry.place(), entry);
    }

    void remove(Entry entry) {
        Optional<String> group = Optional.ofNullable(entry.origin().group());
        groups.computeIfPresent(
                group,
                (_, ready) -> {
                    ready.remove(entry.place());
                    return ready.isEmpty() ? null : ready;
                });
    }

    /// The first one of the group that has had least.
    @Nullable Entry first() {
        return groups.keySet().stream()
                .min(
                        Comparator.comparingLong(this::tag)
                                .thenComparing(group -> head(group).place()))
                .map(this::head)
                .orElse(null);
    }

    /// The group of this one, which is still here, gets it.
    ///
    /// @return takes that back
    Runnable served(Entry entry) {
        Optional<String> group = Optional.ofNullable(entry.origin().group());
        long virtualBefore = virtual;
        long tag = tag(group);
        virtual = tag;
        tags.put(group, tag + 1);
        return () -> {
            virtual = virtualBefore;
            tags.put(group, tag);
        };
    }

    private long tag(Optional<String> group) {
        return tags.getOrDefault(group, virtual);
    }

    private Entry head(Optional<String> group) {
        return groups.getOrDefault(group, new TreeMap<>()).firstEntry().getValue();
    }
}
