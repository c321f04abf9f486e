package io.millstream.engine.topic;

import io.millstream.api.Definition;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// One topic. Its number is its incarnation.
public final class TopicState {
    private final long channel;
    private final long created;
    private final List<PartitionState> partitions = new ArrayList<>();
    private final NavigableMap<String, List<Long>> cursors = new TreeMap<>();
    private final HeapAccount heap;
    private Definition.Topic definition;
    private long version;
    private long modified;

    /// An empty topic.
    ///
    /// @param heap what it is charged to, and nothing else
    public TopicState(
            long channel, Definition.Topic definition, long version, long now, HeapAccount heap) {
        this.heap = heap;
        heap.add(HeapCosts.TOPIC);
        this.channel = channel;
        this.definition = definition;
        this.version = version;
        this.created = now;
        this.modified = now;
        grow();
    }

    /// Its number.
    public long channel() {
        return channel;
    }

    /// As declared.
    public Definition.Topic definition() {
        return definition;
    }

    /// The version of the definition.
    public long version() {
        return version;
    }

    /// When this life of the name began, in milliseconds since 1970.
    public long created() {
        return created;
    }

    /// When the definition last changed, in milliseconds since 1970.
    public long modified() {
        return modified;
    }

    /// Whether the keys of its records are counted.
    public boolean countsKeys() {
        return definition.versionedKeys() > 0;
    }

    /// How much heap it takes.
    public HeapAccount heap() {
        return heap;
    }

    /// Its partitions.
    public List<PartitionState> partitions() {
        return Collections.unmodifiableList(partitions);
    }

    /// The named cursors: of each, the next offset of every partition up to the last one that was
    /// moved.
    public NavigableMap<String, List<Long>> cursors() {
        return Collections.unmodifiableNavigableMap(cursors);
    }

    /// The next offset of every partition by a cursor, 0 where it was never moved.
    public List<Long> offsetsOf(String cursor) {
        List<Long> offsets = new ArrayList<>(cursors.getOrDefault(cursor, List.of()));
        while (offsets.size() < partitions.size()) {
            offsets.add(0L);
        }
        return offsets;
    }

    /// It is declared to be this now; partitions are only ever added. Keys that are not counted any
    /// more are forgotten.
    public void define(Definition.Topic newDefinition, long newVersion, long now) {
        definition = newDefinition;
        version = newVersion;
        modified = now;
        grow();
        if (!countsKeys()) {
            partitions.forEach(PartitionState::forgetVersions);
        }
    }

    private void grow() {
        while (partitions.size() < definition.partitions()) {
            partitions.add(new PartitionState(heap));
        }
    }

    /// A cursor has moved.
    public void moveCursor(String name, int partition, long offset) {
        List<Long> offsets = new ArrayList<>(cursors.getOrDefault(name, List.of()));
        while (offsets.size() <= partition) {
            offsets.add(0L);
        }
        offsets.set(partition, offset);
        restoreCursor(name, offsets);
    }

    /// A cursor is gone.
    public void forgetCursor(String name) {
        charge(name, cursors.remove(name), -1);
    }

    private void charge(String name, @Nullable List<Long> offsets, int sign) {
        if (offsets != null) {
            heap.add(sign * HeapCosts.cursor(name, offsets.size()));
        }
    }

    /// Takes back what a snapshot remembers of a change of the definition.
    public void restoreModified(long when) {
        modified = when;
    }

    /// Takes back a cursor that a snapshot remembers.
    public void restoreCursor(String name, List<Long> offsets) {
        charge(name, cursors.put(name, List.copyOf(offsets)), -1);
        charge(name, offsets, 1);
    }
}
