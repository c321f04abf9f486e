package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.engine.batch.BatchReader;
import io.millstream.engine.batch.RecordBatch;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.state.Entry.Appended;
import io.millstream.engine.state.Entry.CursorMoved;
import io.millstream.engine.state.Entry.ExtentsMoved;
import io.millstream.engine.state.Entry.TopicDefined;
import io.millstream.engine.state.Entry.TopicRemoved;
import io.millstream.engine.state.Entry.Trimmed;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.KeyVersions;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// All topics, a part of the [State].
public final class Topics {
    private final LiveRecords live;
    private final TopicImages images;
    private final HeapAccount heap;
    private final TreeMap<Long, TopicState> byChannel = new TreeMap<>();
    private final TreeMap<ChannelName, TopicState> byName = new TreeMap<>();

    /// Knows nothing.
    ///
    /// @param live told what is needed of which file
    /// @param images where topics are written before they change
    /// @param heap what they are charged to, and nothing else
    Topics(LiveRecords live, Images images, HeapAccount heap) {
        this.live = live;
        this.heap = heap;
        this.images = new TopicImages(this, images);
    }

    /// How much heap all of them take.
    public HeapAccount heap() {
        return heap;
    }

    /// The topic of this name, or null.
    public @Nullable TopicState topic(ChannelName name) {
        return byName.get(name);
    }

    /// The topic of this number, or null.
    public @Nullable TopicState topic(long channel) {
        return byChannel.get(channel);
    }

    /// The topic after `channel` in the order of numbers, or null.
    public @Nullable TopicState topicAfter(long channel) {
        Map.Entry<Long, TopicState> next = byChannel.higherEntry(channel);
        return next == null ? null : next.getValue();
    }

    /// The topics from `from` on, in the order of their names.
    public NavigableMap<ChannelName, TopicState> from(ChannelName from, boolean inclusive) {
        return byName.tailMap(from, inclusive);
    }

    void apply(Entry.OfTopic entry, long position, int bytes, long now) {
        switch (entry) {
            case TopicDefined defined -> defined(defined, now);
            case TopicRemoved removed -> removed(topicOf(removed.channel()));
            case Appended appended -> appended(appended, position, bytes);
            case Trimmed(long channel, int partition, long start) ->
                    trim(topicOf(channel), partition, start);
            case CursorMoved moved -> cursorMoved(moved);
            case ExtentsMoved moved -> extentsMoved(moved);
        }
    }

    private void defined(TopicDefined defined, long now) {
        TopicState topic = byChannel.get(defined.channel());
        if (topic == null) {
            keep(begin(defined.channel(), defined.definition(), defined.version(), now));
        } else {
            images.defining(topic, defined.definition());
            topic.define(defined.definition(), defined.version(), now);
        }
    }

    /// An empty topic.
    TopicState begin(long channel, Definition.Topic definition, long version, long now) {
        return new TopicState(channel, definition, version, now, heap.part());
    }

    void keep(TopicState topic) {
        byChannel.put(topic.channel(), topic);
        byName.put(topic.definition().name(), topic);
    }

    /// A topic's name is known at last.
    void rename(TopicState topic, ChannelName name) {
        byName.remove(topic.definition().name());
        byName.put(name, topic);
    }

    private void removed(TopicState topic) {
        images.removing(topic);
        // It stays as it was, for a snapshot that has not got to it yet.
        for (PartitionState partition : topic.partitions()) {
            partition.extents().forEach(this::dropped);
        }
        byChannel.remove(topic.channel());
        byName.remove(topic.definition().name());
        topic.heap().clear();
    }

    private void appended(Appended appended, long position, int bytes) {
        TopicState topic = topicOf(appended.channel());
        PartitionState partition = topic.partitions().get(appended.partition());
        Invariant.check(
                appended.baseOffset() == partition.end(),
                "Appended at %d of %d",
                appended.baseOffset(),
                partition.end());
        ByteBuffer batch = ByteBuffer.wrap(appended.batch());
        images.appending(topic, appended.partition());
        partition.append(RecordBatch.offsets(batch), position, bytes, appended.stored());
        live.add(position, 1, bytes);
        if (topic.countsKeys()) {
            countKeys(new BatchReader(batch), topic, appended.partition());
        }
    }

    private void countKeys(BatchReader batch, TopicState topic, int partition) {
        KeyVersions versions = topic.partitions().get(partition).versions();
        while (batch.hasNext()) {
            Bytes key = batch.nextKey();
            if (key != null) {
                images.counting(topic, partition, key);
                versions.count(key);
            }
        }
    }

    private void trim(TopicState topic, int partition, long start) {
        images.trimming(topic, partition, start);
        topic.partitions().get(partition).trim(start).forEach(this::dropped);
    }

    private void dropped(Extent extent) {
        live.add(extent.position(), -extent.entries(), -extent.bytes());
    }

    private void cursorMoved(CursorMoved moved) {
        TopicState topic = topicOf(moved.channel());
        images.movingCursor(topic, moved.cursor());
        if (moved.offset() == CursorMoved.GONE) {
            topic.forgetCursor(moved.cursor());
        } else {
            topic.moveCursor(moved.cursor(), moved.partition(), moved.offset());
        }
    }

    /// A topic that is gone by now needs nothing any more, and neither does a dropped extent.
    private void extentsMoved(ExtentsMoved moved) {
        TopicState topic = byChannel.get(moved.channel());
        if (topic == null) {
            return;
        }
        PartitionState partition = topic.partitions().get(moved.partition());
        for (ExtentsMoved.Place part : moved.parts()) {
            images.moving(topic, moved.partition(), part.first());
            Extent old = partition.move(part.first(), part.position());
            if (old != null) {
                dropped(old);
                live.add(part.position(), old.entries(), old.bytes());
            }
        }
    }

    private TopicState topicOf(long channel) {
        return Invariant.present(byChannel.get(channel), "There is no topic %d", channel);
    }

    /// Where topics are written down for a snapshot.
    TopicImages images() {
        return images;
    }

    void write(Output out) {
        byChannel.values().forEach(topic -> TopicItems.write(topic, out));
    }

    /// Takes back an extent that a snapshot remembers.
    void restore(PartitionState partition, Extent extent) {
        partition.restore(extent);
        live.add(extent.position(), extent.entries(), extent.bytes());
    }
}
