package io.millstream.engine.topic;

import io.millstream.api.Definition;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// One topic. Its number is its incarnation.
public final class TopicState {
    private final long channel;
    private final long created;
    private final List<PartitionState> partitions = new ArrayList<>();
    private final NavigableMap<String, List<Long>> cursors = new TreeMap<>();
    private Definition.Topic definition;
    private long version;
    private long modified;

    /// An empty topic.
    public TopicState(long channel, Definition.Topic definition, long version, long now) {
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
            partitions.forEach(partition -> partition.versions().clear());
        }
    }

    private void grow() {
        while (partitions.size() < definition.partitions()) {
            partitions.add(new PartitionState());
        }
    }

    /// A cursor has moved.
    public void moveCursor(String name, int partition, long offset) {
        List<Long> offsets = new ArrayList<>(cursors.getOrDefault(name, List.of()));
        while (offsets.size() <= partition) {
            offsets.add(0L);
        }
        offsets.set(partition, offset);
        cursors.put(name, List.copyOf(offsets));
    }

    /// A cursor is gone.
    public void forgetCursor(String name) {
        cursors.remove(name);
    }

    /// Appends all of it. Equal topics have equal bytes.
    public void write(Output out, BiConsumer<Definition.Topic, Output> definitions) {
        out.varint(channel);
        definitions.accept(definition, out);
        out.varint(version);
        out.varint(created);
        out.varint(modified);
        partitions.forEach(partition -> partition.write(out));
        out.varint(cursors.size());
        cursors.forEach((name, offsets) -> {
            out.text(name);
            out.varint(offsets.size());
            offsets.forEach(out::varint);
        });
    }

    /// What [#write] appended.
    public static TopicState read(Input in, Function<Input, Definition.Topic> definitions) {
        long channel = in.varint();
        Definition.Topic definition = definitions.apply(in);
        long version = in.varint();
        TopicState topic = new TopicState(channel, definition, version, in.varint());
        topic.modified = in.varint();
        topic.partitions.replaceAll(empty -> PartitionState.read(in));
        for (int i = in.size(); i > 0; i--) {
            String name = in.text();
            List<Long> offsets = new ArrayList<>();
            for (int p = in.size(); p > 0; p--) {
                offsets.add(in.varint());
            }
            topic.cursors.put(name, List.copyOf(offsets));
        }
        return topic;
    }
}
