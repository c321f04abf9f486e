package io.millstream.testkit.memory;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// How much each group has had of what a queue served in one priority: start-time fair queueing. A
/// group's tag grows with each of its messages, by less if its weight is larger; the smallest one
/// is served. One that had nothing to be served, for whatever reason, is not owed anything for it.
/// Messages without a group are one more group.
final class Shares {

    /// What a tag grows by for a message of a group of weight 1.
    static final long UNIT = 1_000_000;

    private final Map<Optional<String>, Long> tags = new HashMap<>();
    private long virtual;

    Shares copy() {
        Shares copy = new Shares();
        copy.tags.putAll(tags);
        copy.virtual = virtual;
        return copy;
    }

    long tag(Entry entry) {
        return Math.max(virtual, tags.getOrDefault(group(entry), 0L));
    }

    /// The group of this one gets it.
    ///
    /// @return takes that back
    Runnable served(Entry entry, int weight) {
        Optional<String> group = group(entry);
        long virtualBefore = virtual;
        Long before = tags.get(group);
        virtual = tag(entry);
        tags.put(group, virtual + UNIT / weight);
        return () -> {
            virtual = virtualBefore;
            if (before == null) {
                tags.remove(group);
            } else {
                tags.put(group, before);
            }
        };
    }

    private static Optional<String> group(Entry entry) {
        return Optional.ofNullable(entry.message().group());
    }
}
