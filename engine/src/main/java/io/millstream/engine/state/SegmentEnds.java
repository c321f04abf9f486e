package io.millstream.engine.state;

import io.millstream.engine.position.Positions;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import java.util.Map;
import java.util.TreeMap;

/// How far each segment is needed, in bytes: the furthest end of what is not settled or still kept.
public final class SegmentEnds {
    private final Map<Integer, Long> ends = new TreeMap<>();

    private SegmentEnds() {}

    /// By segment, of those that are needed at all. Takes time for each run and extent, and not for
    /// each message that is not kept.
    public static Map<Integer, Long> of(State state) {
        SegmentEnds found = new SegmentEnds();
        for (QueueState queue = state.queueAfter(0);
                queue != null;
                queue = state.queueAfter(queue.channel())) {
            for (Run run : queue.runs().all()) {
                if (Positions.isInSegment(run.position()) && run.liveMessages() > 0) {
                    found.add(queue.isArchive() ? run.furthestEnd() : run.liveEnd());
                }
            }
        }
        for (TopicState topic = state.topics().topicAfter(0);
                topic != null;
                topic = state.topics().topicAfter(topic.channel())) {
            for (PartitionState partition : topic.partitions()) {
                for (Extent extent : partition.extents()) {
                    if (Positions.isInSegment(extent.position())) {
                        found.add(extent.position() + extent.bytes());
                    }
                }
            }
        }
        return found.ends;
    }

    private void add(long end) {
        long last = end - 1;
        ends.merge(Positions.segmentOf(last), Positions.offsetOf(last) + 1, Math::max);
    }
}
