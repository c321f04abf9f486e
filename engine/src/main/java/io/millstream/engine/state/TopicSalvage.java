package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.engine.state.Entry.Appended;
import io.millstream.engine.state.Entry.CursorMoved;
import io.millstream.engine.state.Entry.TopicDefined;
import io.millstream.engine.state.Entry.TopicRemoved;
import io.millstream.engine.state.Entry.Trimmed;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionId;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Folds what a log that has holes says of topics; a part of [Salvage].
///
/// An append at a later offset than the next one, and a cursor that stands behind the end, prove
/// the appends in between. What counted keys had in them stays uncounted: a version is the number
/// of records of its key that are known.
public final class TopicSalvage {
    private final State state;

    /// Offsets of records that were appended inside a hole and not dropped since.
    private final Map<PartitionId, Ranges> missing = new TreeMap<>();

    /// Partitions that nothing has been appended to since the last hole.
    private final Set<PartitionId> openEnded = new TreeSet<>();

    /// Topics whose definition is lost.
    private final Set<Long> nameless = new TreeSet<>();

    TopicSalvage(State state) {
        this.state = state;
    }

    /// The offsets, by partition, of records whose appends are lost.
    public Map<PartitionId, Ranges> missing() {
        return Collections.unmodifiableMap(missing);
    }

    /// The partitions that may have lost records at their end: nothing was appended to them after
    /// the last hole, which would tell.
    public Set<PartitionId> openEnded() {
        return Collections.unmodifiableSet(openEnded);
    }

    /// The channels of topics that had to be given a name because theirs is lost.
    public Set<Long> nameless() {
        return Collections.unmodifiableSet(nameless);
    }

    /// Only these pieces of an extent can be read.
    public void keepOnly(PartitionId place, Extent extent, List<Extent> pieces) {
        TopicState topic = state.topics().topic(place.channel());
        if (topic != null) {
            topic.partitions().get(place.partition()).replace(extent, pieces);
            state.live.add(extent.position(), -extent.entries(), -extent.bytes());
            pieces.forEach(
                    piece -> state.live.add(piece.position(), piece.entries(), piece.bytes()));
        }
    }

    /// A stretch of the log cannot be read.
    void lost() {
        for (TopicState topic = state.topics().topicAfter(0);
                topic != null;
                topic = state.topics().topicAfter(topic.channel())) {
            for (int partition = 0; partition < topic.partitions().size(); partition++) {
                openEnded.add(new PartitionId(topic.channel(), partition));
            }
        }
    }

    /// Does what `entry` says, as far as it still applies.
    void apply(Entry.OfTopic entry, long position, int bytes) {
        switch (entry) {
            case TopicDefined defined -> defined(defined);
            case TopicRemoved removed -> {
                partitionOf(removed.channel(), 0);
                remove(removed.channel(), removed.version());
            }
            case Appended appended -> {
                PartitionId place = new PartitionId(appended.channel(), appended.partition());
                if (fillUpTo(place, appended.baseOffset()) == appended.baseOffset()) {
                    openEnded.remove(place);
                    state.apply(appended, position, bytes);
                }
            }
            case Trimmed trimmed -> {
                PartitionId place = new PartitionId(trimmed.channel(), trimmed.partition());
                fillUpTo(place, trimmed.start());
                missing.getOrDefault(place, new Ranges()).removeAll(0, trimmed.start() - 1);
                state.apply(trimmed, position, bytes);
            }
            case CursorMoved moved -> {
                PartitionId place = new PartitionId(moved.channel(), moved.partition());
                fillUpTo(place, Math.max(moved.offset(), 0));
                state.apply(moved, position, bytes);
            }
            case Entry.ExtentsMoved moved -> {
                if (state.topics().topic(moved.channel()) != null) {
                    partitionOf(moved.channel(), moved.partition());
                }
                state.apply(moved, position, bytes);
            }
        }
    }

    private void defined(TopicDefined defined) {
        ChannelName name = defined.definition().name();
        freeName(name, defined.channel(), defined.version());
        TopicState topic = state.topics().topic(defined.channel());
        if (topic != null && nameless.remove(defined.channel())) {
            state.topics().rename(topic, name);
        }
        defineAs(defined);
    }

    /// What was not there before may have been made in the hole, and be only changed here.
    private void defineAs(TopicDefined defined) {
        long channel = defined.channel();
        TopicState before = state.topics().topic(channel);
        int partitions = defined.definition().partitions();
        for (int i = before == null ? 0 : before.partitions().size(); i < partitions; i++) {
            openEnded.add(new PartitionId(channel, i));
        }
        state.apply(defined, 0, 0);
    }

    /// A name goes to another channel only when the one that had it has been removed.
    void freeName(ChannelName name, long channel, long version) {
        TopicState namesake = state.topics().topic(name);
        if (namesake != null && namesake.channel() != channel) {
            remove(namesake.channel(), version);
        }
        QueueState queue = state.queue(name);
        if (queue != null && queue.channel() != channel) {
            state.apply(new Entry.QueueRemoved(queue.channel(), version), 0, 0);
        }
    }

    private void remove(long channel, long version) {
        missing.keySet().removeIf(place -> place.channel() == channel);
        openEnded.removeIf(place -> place.channel() == channel);
        nameless.remove(channel);
        state.apply(new TopicRemoved(channel, version), 0, 0);
    }

    /// Everything before `offset` has been appended.
    ///
    /// @return where the partition ends
    private long fillUpTo(PartitionId place, long offset) {
        PartitionState partition = partitionOf(place.channel(), place.partition());
        if (offset > partition.end()) {
            missing.computeIfAbsent(place, none -> new Ranges()).add(partition.end(), offset - 1);
            partition.leaveGap(offset);
        }
        return partition.end();
    }

    /// The partition, of a topic that gets a name if its own is lost, and as many partitions as it
    /// must have had.
    private PartitionState partitionOf(long channel, int partition) {
        TopicState topic = state.topics().topic(channel);
        if (topic == null) {
            nameless.add(channel);
            define(channel, Definition.Topic.of(Salvage.nameFor(channel)), partition);
        } else if (partition >= topic.partitions().size()) {
            define(channel, topic.definition(), partition);
        }
        topic = Invariant.present(state.topics().topic(channel), "There is no topic %d", channel);
        return topic.partitions().get(partition);
    }

    private void define(long channel, Definition.Topic definition, int partition) {
        Definition.Topic grown = definition.withPartitions(partition + 1);
        defineAs(new TopicDefined(channel, state.versions(), grown));
    }

    void finish() {
        missing.values().removeIf(Ranges::isEmpty);
    }
}
