package io.millstream.engine.doctor;

import io.millstream.api.ChannelName;
import io.millstream.engine.log.Damage;
import io.millstream.engine.log.LogSurvey;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.Ranges;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionId;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// Proves what queues and topics hold, wherever it lies.
final class ContentCheck {
    private final LogSurvey survey;
    private final State state;
    private final BiConsumer<Damage, String> told;

    /// Messages whose bytes are lost, by channel.
    private final Map<Long, Ranges> badMessages = new TreeMap<>();

    private final List<BadExtent> badExtents = new ArrayList<>();

    /// What no file has, in words, by where the file ends that should.
    private final Map<End, List<String>> absent = new TreeMap<>();

    private long messages;
    private long batches;

    /// An extent and what of it can be read.
    record BadExtent(PartitionId place, Extent extent, List<Extent> pieces) {
        Ranges lost() {
            Ranges lost = new Ranges();
            lost.add(extent.first(), extent.end() - 1);
            pieces.forEach(piece -> lost.removeAll(piece.first(), piece.end() - 1));
            return lost;
        }
    }

    private record Lying(PartitionId place, ChannelName topic, Extent extent) {}

    /// Where a file ends that should not.
    private record End(String file, long offset) implements Comparable<End> {
        @Override
        public int compareTo(End other) {
            return file.compareTo(other.file);
        }
    }

    /// @param told each damage as it is found, and what it concerns
    ContentCheck(LogSurvey survey, State state, BiConsumer<Damage, String> told) {
        this.survey = survey;
        this.state = state;
        this.told = told;
    }

    /// Blocks while it reads everything.
    void run() throws IOException {
        checkMessages();
        checkTopics();
        absent.forEach((end, what) ->
                told.accept(
                        new Damage(
                                end.file,
                                end.offset,
                                end.offset == 0
                                        ? "it is missing, and something that is kept was in it"
                                        : "it ends there, and something that is kept lay behind"),
                        String.join(", ", what)));
    }

    private void checkMessages() throws IOException {
        Map<End, Map<Long, Ranges>> missing = new TreeMap<>();
        MessageCheck.Sink sink =
                new MessageCheck.Sink() {
                    @Override
                    public void absent(QueueState queue, long sequence, long at) {
                        add(badMessages, queue.channel(), sequence);
                        add(
                                missing.computeIfAbsent(endAt(at), end -> new TreeMap<>()),
                                queue.channel(),
                                sequence);
                    }

                    @Override
                    public void rotten(QueueState queue, long sequence, long at, String what) {
                        add(badMessages, queue.channel(), sequence);
                        tell(at, what, "message " + sequence + " of " + nameOf(queue.channel()));
                    }
                };
        messages = new MessageCheck(state, survey).run(sink);
        missing.forEach((end, queues) ->
                queues.forEach((channel, lost) ->
                        addAbsent(end, "messages " + lost + " of " + nameOf(channel))));
    }

    private void checkTopics() throws IOException {
        List<Lying> all = new ArrayList<>();
        for (TopicState topic = state.topics().topicAfter(0);
                topic != null;
                topic = state.topics().topicAfter(topic.channel())) {
            addExtents(topic, all);
        }
        // In the order in which they lie, so that each stretch of a file is read once.
        all.sort(Comparator.comparingLong(lying -> lying.extent.position()));
        for (Lying lying : all) {
            check(lying);
        }
    }

    private static void addExtents(TopicState topic, List<Lying> all) {
        int number = 0;
        for (PartitionState partition : topic.partitions()) {
            PartitionId place = new PartitionId(topic.channel(), number++);
            ChannelName name = topic.definition().name();
            partition.extents().forEach(extent -> all.add(new Lying(place, name, extent)));
        }
    }

    private void check(Lying lying) throws IOException {
        Extent extent = lying.extent;
        byte[] bytes = whatIsThereOf(extent);
        if (bytes.length < extent.bytes()) {
            List<Extent> pieces = new ExtentCheck(lying.place, extent, bytes).pieces();
            BadExtent bad = new BadExtent(lying.place, extent, pieces);
            badExtents.add(bad);
            addAbsent(endAt(extent.position()), describe(lying, bad));
            return;
        }
        batches += extent.entries();
        ExtentCheck check = new ExtentCheck(lying.place, extent, bytes);
        if (check.damagedAt() >= 0) {
            BadExtent bad = new BadExtent(lying.place, extent, check.pieces());
            badExtents.add(bad);
            tell(check.damagedAt(), "a batch is not what was stored", describe(lying, bad));
        }
    }

    /// All of it, or as much as its file still has.
    private byte[] whatIsThereOf(Extent extent) throws IOException {
        long position = extent.position();
        long room = survey.lengthOf(position) - survey.offsetOf(position);
        int length = Math.clamp(room, 0, extent.bytes());
        byte[] bytes = length == 0 ? null : survey.bytes(position, length);
        return bytes == null ? new byte[0] : bytes;
    }

    private static String describe(Lying lying, BadExtent bad) {
        return "records %s of partition %d of topic %s"
                .formatted(bad.lost(), lying.place.partition(), lying.topic);
    }

    private void tell(long at, String what, String concerns) {
        told.accept(new Damage(survey.fileOf(at), survey.offsetOf(at), what), concerns);
    }

    private End endAt(long position) {
        return new End(survey.fileOf(position), survey.lengthOf(position));
    }

    private void addAbsent(End end, String what) {
        absent.computeIfAbsent(end, none -> new ArrayList<>()).add(what);
    }

    private String nameOf(long channel) {
        QueueState queue = state.queue(channel);
        return queue == null ? "queue " + channel : queue.definition().name().toString();
    }

    private static void add(Map<Long, Ranges> all, long channel, long sequence) {
        all.computeIfAbsent(channel, none -> new Ranges()).add(sequence);
    }

    /// Messages whose bytes are lost, by channel.
    Map<Long, Ranges> badMessages() {
        return Collections.unmodifiableMap(badMessages);
    }

    /// Extents that are not whole.
    List<BadExtent> badExtents() {
        return Collections.unmodifiableList(badExtents);
    }

    /// How many messages there are.
    long messages() {
        return messages;
    }

    /// How many batches there are, but for those that no file has.
    long batches() {
        return batches;
    }
}
