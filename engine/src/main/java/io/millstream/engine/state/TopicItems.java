package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.Definition;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.KeyVersions;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The items of topics inside a snapshot.
///
/// ```
///   +---+---------+----------------------------------------+
///   | 5 | channel | definition, version, created, modified |  a topic, before all of its parts
///   +---+---------+-----------+------------------+---------+
///   | 6 | channel | partition | start, end, bytes|
///   +---+---------+-----------+------------------+
///   | 7 | channel | partition | an extent        |
///   +---+---------+-----------+------------------+
///   | 8 | channel | partition | a key, its count |
///   +---+---------+-----------+------------------+
///   | 9 | channel | a cursor's name, count, offsets|
///   +---+---------+--------------------------------+
/// ```
///
/// Numbers are varints, the first ones bytes. See [TopicCodec] and [Extent].
final class TopicItems {
    private TopicItems() {}

    /// All of a topic.
    static void write(TopicState topic, Output out) {
        writeHead(topic, out);
        for (int i = 0; i < topic.partitions().size(); i++) {
            PartitionState partition = topic.partitions().get(i);
            writePartition(topic, i, out);
            for (Extent extent : partition.extents()) {
                writeExtent(topic, i, extent, out);
            }
            KeyVersions versions = partition.versions();
            for (Bytes key = versions.after(null); key != null; key = versions.after(key)) {
                writeKey(topic, i, key, versions.of(key), out);
            }
        }
        topic.cursors().keySet().forEach(name -> writeCursor(topic, name, out));
    }

    static void writeHead(TopicState topic, Output out) {
        out.byteValue(Images.TOPIC);
        out.varint(topic.channel());
        TopicCodec.encode(topic.definition(), out);
        out.varint(topic.version());
        out.varint(topic.created());
        out.varint(topic.modified());
    }

    static void writePartition(TopicState topic, int number, Output out) {
        PartitionState partition = topic.partitions().get(number);
        begin(Images.PARTITION, topic, number, out);
        out.varint(partition.start());
        out.varint(partition.end());
        out.varint(partition.bytes());
    }

    static void writeExtent(TopicState topic, int partition, Extent extent, Output out) {
        begin(Images.EXTENT, topic, partition, out);
        extent.write(out);
    }

    static void writeKey(TopicState topic, int partition, Bytes key, long records, Output out) {
        begin(Images.KEY, topic, partition, out);
        out.bytes(key);
        out.varint(records);
    }

    private static void begin(int item, TopicState topic, int partition, Output out) {
        out.byteValue(item);
        out.varint(topic.channel());
        out.varint(partition);
    }

    static void writeCursor(TopicState topic, String name, Output out) {
        List<Long> offsets = topic.cursors().getOrDefault(name, List.of());
        out.byteValue(Images.CURSOR);
        out.varint(topic.channel());
        out.text(name);
        out.varint(offsets.size());
        offsets.forEach(out::varint);
    }

    /// Takes in what follows the byte that says what it is.
    static void read(int item, Input in, Topics topics) {
        long channel = in.varint();
        TopicState topic = topics.topic(channel);
        switch (item) {
            case Images.TOPIC -> topics.keep(readHead(channel, in, topics));
            case Images.PARTITION ->
                    partitionOf(topic, in).restore(in.varint(), in.varint(), in.varint());
            case Images.EXTENT -> topics.restore(partitionOf(topic, in), Extent.read(in));
            case Images.KEY -> partitionOf(topic, in).versions().restore(in.bytes(), in.varint());
            case Images.CURSOR -> readCursor(known(topic), in);
            default -> throw new MalformedException("A snapshot has an item " + item);
        }
    }

    private static TopicState readHead(long channel, Input in, Topics topics) {
        Definition.Topic definition = TopicCodec.decode(in);
        TopicState topic = topics.begin(channel, definition, in.varint(), in.varint());
        topic.restoreModified(in.varint());
        return topic;
    }

    private static PartitionState partitionOf(@Nullable TopicState topic, Input in) {
        int partition = in.intValue();
        List<PartitionState> all = known(topic).partitions();
        if (partition < 0 || partition >= all.size()) {
            throw new MalformedException("A topic has no partition " + partition);
        }
        return all.get(partition);
    }

    private static TopicState known(@Nullable TopicState topic) {
        if (topic == null) {
            throw new MalformedException("A part of a topic comes before it");
        }
        return topic;
    }

    private static void readCursor(TopicState topic, Input in) {
        String name = in.text();
        List<Long> offsets = new ArrayList<>();
        for (int i = in.size(); i > 0; i--) {
            offsets.add(in.varint());
        }
        topic.restoreCursor(name, offsets);
    }
}
