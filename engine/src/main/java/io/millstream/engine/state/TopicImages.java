package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.Definition;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.KeyVersions;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Writes topics down for a snapshot: each part before it changes, the rest by a walk through all
/// parts in one order. A part is a topic's head, a partition's head, an extent, the count of a key,
/// or a cursor.
///
/// What the walk has passed may change freely; of what lies before it is remembered what was
/// written because it changed, or did not exist when it came to be. A topic that is removed, and
/// counts that are forgotten, are left to the walk as they were.
final class TopicImages {
    private static final int NO_PARTITION = -1;
    private static final int BEHIND_PARTITIONS = Integer.MAX_VALUE;

    private final Topics topics;
    private final Images images;

    // While a snapshot is taken.
    private final Set<Part> written = new HashSet<>();
    private final TreeMap<Long, TopicState> removed = new TreeMap<>();
    private final Map<Part, KeyVersions> forgotten = new HashMap<>();
    private long newest;
    private @Nullable Part walked;
    private boolean allWalked;

    /// Where a part is in the walk.
    ///
    /// @param kind see [Images]
    /// @param first that of an extent
    /// @param key that of a count
    /// @param cursor the name of one
    private record Part(
            long channel, int partition, int kind, long first, Bytes key, String cursor) {
        private static final Comparator<Part> WALK =
                Comparator.comparingLong(Part::channel)
                        .thenComparingInt(Part::partition)
                        .thenComparingInt(Part::kind)
                        .thenComparingLong(Part::first)
                        .thenComparing(Part::key)
                        .thenComparing(Part::cursor);

        static Part head(TopicState topic) {
            return new Part(topic.channel(), NO_PARTITION, Images.TOPIC, 0, Bytes.EMPTY, "");
        }

        static Part head(TopicState topic, int partition) {
            return new Part(topic.channel(), partition, Images.PARTITION, 0, Bytes.EMPTY, "");
        }

        static Part ofExtent(TopicState topic, int partition, long first) {
            return new Part(topic.channel(), partition, Images.EXTENT, first, Bytes.EMPTY, "");
        }

        static Part ofKey(TopicState topic, int partition, Bytes key) {
            return new Part(topic.channel(), partition, Images.KEY, 0, key, "");
        }

        static Part ofCursor(TopicState topic, String name) {
            return new Part(
                    topic.channel(), BEHIND_PARTITIONS, Images.CURSOR, 0, Bytes.EMPTY, name);
        }
    }

    TopicImages(Topics topics, Images images) {
        this.topics = topics;
        this.images = images;
    }

    /// A snapshot was begun, when channels had been numbered up to `channels`.
    void begin(long channels) {
        newest = channels;
        walked = null;
        allWalked = false;
        forget();
    }

    private void forget() {
        written.clear();
        removed.clear();
        forgotten.clear();
    }

    /// Comes before a topic is declared anew.
    void defining(TopicState topic, Definition.Topic definition) {
        if (!isWanted(topic)) {
            return;
        }
        changing(topic, Part.head(topic));
        int partitions = topic.partitions().size();
        for (int i = partitions; i < definition.partitions(); i++) {
            // It comes to be.
            changing(topic, Part.head(topic, i));
        }
        for (int i = 0; definition.versionedKeys() == 0 && i < partitions; i++) {
            forgotten.putIfAbsent(Part.head(topic, i), topic.partitions().get(i).versions());
        }
    }

    /// Comes before a topic is removed, and not changed any more.
    void removing(TopicState topic) {
        if (isWanted(topic)) {
            removed.put(topic.channel(), topic);
        }
    }

    /// Comes before a batch is appended.
    void appending(TopicState topic, int number) {
        if (isWanted(topic)) {
            long end = topic.partitions().get(number).end();
            changing(topic, Part.head(topic, number));
            changingExtents(topic, number, end);
        }
    }

    /// The extent that begins at `first`, or comes to be there, changes or joins the one before.
    private void changingExtents(TopicState topic, int number, long first) {
        Extent before = topic.partitions().get(number).extentBefore(first);
        if (before != null) {
            changing(topic, Part.ofExtent(topic, number, before.first()));
        }
        changing(topic, Part.ofExtent(topic, number, first));
    }

    /// Comes before another record of a key is counted.
    void counting(TopicState topic, int number, Bytes key) {
        if (isWanted(topic)) {
            changing(topic, Part.ofKey(topic, number, key));
        }
    }

    /// Comes before the extents that begin before `start` are dropped.
    void trimming(TopicState topic, int number, long start) {
        if (!isWanted(topic)) {
            return;
        }
        PartitionState partition = topic.partitions().get(number);
        changing(topic, Part.head(topic, number));
        for (Extent extent : partition.extents()) {
            if (extent.first() >= start) {
                break;
            }
            changing(topic, Part.ofExtent(topic, number, extent.first()));
        }
    }

    /// Comes before an extent is said to lie elsewhere.
    void moving(TopicState topic, int number, long first) {
        if (isWanted(topic)) {
            changingExtents(topic, number, first);
        }
    }

    /// Comes before a cursor moves, comes to be, or goes.
    void movingCursor(TopicState topic, String name) {
        if (isWanted(topic)) {
            changing(topic, Part.ofCursor(topic, name));
        }
    }

    private boolean isWanted(TopicState topic) {
        return images.areTaken() && !allWalked && topic.channel() <= newest;
    }

    private void changing(TopicState topic, Part part) {
        writeOnce(topic, Part.head(topic));
        writeOnce(topic, part);
    }

    private void writeOnce(TopicState topic, Part part) {
        Part last = walked;
        boolean isPassed = last != null && Part.WALK.compare(part, last) <= 0;
        if (!isPassed && written.add(part)) {
            write(topic, part, images.out());
            images.cut();
        }
    }

    /// Writes what there is of a part.
    private void write(TopicState topic, Part part, Output out) {
        int number = part.partition;
        switch (part.kind) {
            case Images.TOPIC -> TopicItems.writeHead(topic, out);
            case Images.PARTITION -> {
                if (number < topic.partitions().size()) {
                    TopicItems.writePartition(topic, number, out);
                }
            }
            case Images.EXTENT -> {
                Extent extent = topic.partitions().get(number).extent(part.first);
                if (extent != null) {
                    TopicItems.writeExtent(topic, number, extent, out);
                }
            }
            case Images.KEY -> {
                long records = versions(topic, number).of(part.key);
                if (records > 0) {
                    TopicItems.writeKey(topic, number, part.key, records, out);
                }
            }
            default -> {
                if (topic.cursors().containsKey(part.cursor)) {
                    TopicItems.writeCursor(topic, part.cursor, out);
                }
            }
        }
    }

    /// Has the next part written, unless it was.
    ///
    /// @return whether there was a next one
    boolean imageNext() {
        Part last = walked;
        TopicState topic = last == null ? null : topic(last.channel);
        Part next = last == null || topic == null ? null : nextIn(topic, last);
        if (next == null) {
            topic = topicAfter(last == null ? 0 : last.channel);
            next = topic == null ? null : Part.head(topic);
        }
        if (topic == null || next == null) {
            allWalked = true;
            forget();
            return false;
        }
        changing(topic, next);
        walked = next;
        return true;
    }

    private @Nullable TopicState topic(long channel) {
        TopicState topic = topics.topic(channel);
        return topic == null ? removed.get(channel) : topic;
    }

    private @Nullable TopicState topicAfter(long channel) {
        TopicState kept = topics.topicAfter(channel);
        Map.Entry<Long, TopicState> gone = removed.higherEntry(channel);
        TopicState after =
                gone != null && (kept == null || gone.getKey() < kept.channel())
                        ? gone.getValue()
                        : kept;
        return after == null || after.channel() > newest ? null : after;
    }

    private KeyVersions versions(TopicState topic, int number) {
        KeyVersions before = forgotten.get(Part.head(topic, number));
        return before == null ? topic.partitions().get(number).versions() : before;
    }

    private @Nullable Part nextIn(TopicState topic, Part last) {
        if (last.kind == Images.TOPIC) {
            return Part.head(topic, 0);
        }
        if (last.kind == Images.CURSOR) {
            return cursor(topic, topic.cursors().higherKey(last.cursor));
        }
        int number = last.partition;
        if (last.kind != Images.KEY) {
            long first = last.kind == Images.EXTENT ? last.first : -1;
            Extent extent = topic.partitions().get(number).extentAfter(first);
            if (extent != null) {
                return Part.ofExtent(topic, number, extent.first());
            }
        }
        Bytes key = versions(topic, number).after(last.kind == Images.KEY ? last.key : null);
        if (key != null) {
            return Part.ofKey(topic, number, key);
        }
        return number + 1 < topic.partitions().size()
                ? Part.head(topic, number + 1)
                : cursor(topic, topic.cursors().ceilingKey(""));
    }

    private static @Nullable Part cursor(TopicState topic, @Nullable String name) {
        return name == null ? null : Part.ofCursor(topic, name);
    }
}
