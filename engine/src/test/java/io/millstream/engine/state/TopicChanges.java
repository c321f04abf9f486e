package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.engine.batch.BatchWriter;
import io.millstream.engine.position.Positions;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/// Makes all that can happen to topics happen.
final class TopicChanges {
    private static final int NAMES = 4;

    /// Away from those that queues move to.
    private static final int SEGMENTS_FROM = 1_000_000;

    private final State state;
    private final Consumer<Entry> log;
    private int segment = SEGMENTS_FROM;

    /// Changes `state` by entries that it gives to `log`, which applies them.
    TopicChanges(State state, Consumer<Entry> log) {
        this.state = state;
        this.log = log;
    }

    void change(Random random) {
        switch (random.nextInt(12)) {
            case 0 -> define(random.nextInt(NAMES), 1 + random.nextInt(3), random.nextInt(3) * 5);
            case 1, 2, 3, 4, 5, 6 -> append(random);
            case 7 -> moveCursor(random);
            case 8 -> trim(random);
            case 9 -> moveExtents(random);
            default -> {
                if (random.nextInt(10) == 0) {
                    remove(any(random));
                }
            }
        }
    }

    /// Declares a topic; it keeps the partitions that it has.
    void define(int number, int partitions, int versionedKeys) {
        ChannelName name = ChannelName.of("topic-" + number);
        TopicState old = state.topics().topic(name);
        long channel = old == null ? state.channels() + 1 : old.channel();
        int more = old == null ? partitions : Math.max(partitions, old.partitions().size());
        Definition.Topic topic =
                Definition.Topic.of(name).withPartitions(more).withVersionedKeys(versionedKeys);
        log.accept(new Entry.TopicDefined(channel, state.versions() + 1, topic));
    }

    private TopicState any(Random random) {
        List<TopicState> all = all();
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    private List<TopicState> all() {
        List<TopicState> all = new ArrayList<>();
        Topics topics = state.topics();
        for (TopicState t = topics.topicAfter(0); t != null; t = topics.topicAfter(t.channel())) {
            all.add(t);
        }
        return all;
    }

    void append(Random random) {
        TopicState topic = any(random);
        if (topic == null) {
            return;
        }
        int partition = random.nextInt(topic.partitions().size());
        List<Message> messages = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            messages.add(Message.builder("").key(Bytes.utf8("key" + random.nextInt(5))).build());
        }
        long end = topic.partitions().get(partition).end();
        byte[] batch = BatchWriter.write(messages, 1);
        log.accept(new Entry.Appended(topic.channel(), partition, state.now(), end, batch));
    }

    private void moveCursor(Random random) {
        TopicState topic = any(random);
        if (topic != null) {
            int partition = random.nextInt(topic.partitions().size());
            long to = random.nextInt(3) == 0 ? Entry.CursorMoved.GONE : random.nextInt(9);
            String name = "cursor-" + random.nextInt(3);
            log.accept(new Entry.CursorMoved(topic.channel(), partition, name, to));
        }
    }

    private void trim(Random random) {
        TopicState topic = any(random);
        if (topic == null) {
            return;
        }
        int number = random.nextInt(topic.partitions().size());
        PartitionState partition = topic.partitions().get(number);
        long start = partition.start();
        for (Extent next = partition.droppable(); next != null && random.nextInt(3) > 0; ) {
            start = next.end();
            next = partition.extentFrom(start);
        }
        if (start > partition.start()) {
            log.accept(new Entry.Trimmed(topic.channel(), number, start));
        }
    }

    private void moveExtents(Random random) {
        TopicState topic = any(random);
        if (topic == null) {
            return;
        }
        long at = Positions.inSegment(++segment, 4096);
        int number = random.nextInt(topic.partitions().size());
        List<Entry.ExtentsMoved.Place> parts = new ArrayList<>();
        for (Extent extent : topic.partitions().get(number).extents()) {
            if (random.nextInt(3) > 0) {
                parts.add(new Entry.ExtentsMoved.Place(extent.first(), at));
                at += extent.bytes();
            }
        }
        log.accept(new Entry.ExtentsMoved(topic.channel(), number, parts));
    }

    private void remove(TopicState topic) {
        if (topic != null) {
            log.accept(new Entry.TopicRemoved(topic.channel(), state.versions() + 1));
        }
    }

    void removeAll() {
        all().forEach(this::remove);
    }
}
