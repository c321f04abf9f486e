package io.millstream.server.command;

import io.millstream.api.ChannelName;
import io.millstream.api.View;
import io.millstream.engine.doctor.Examination;
import io.millstream.engine.log.DirectoryFormat;
import io.millstream.engine.log.LogSurvey;
import io.millstream.engine.log.Segments;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.Location;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.Standing;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What `inspect` shows; its JSON has these names.
///
/// @param directory its path
/// @param format its version
/// @param id its random id
/// @param logFileBytes the size of its log files
/// @param logFiles the log files, by number
/// @param checkpoints the checkpoint files
/// @param segments the segments
/// @param log where the log ends
/// @param epoch how often it was opened
/// @param clock the engine's clock at the end of the log
/// @param queues the queues, by name; empty if they cannot be known
/// @param topics the partitions of the topics, by name; empty if they cannot be known
/// @param damage what was seen to be damaged; messages are not looked at
record Inspection(
        String directory,
        int format,
        String id,
        int logFileBytes,
        List<LogFile> logFiles,
        List<Checkpoint> checkpoints,
        List<Segment> segments,
        LogEnd log,
        int epoch,
        Instant clock,
        List<Queue> queues,
        List<Partition> topics,
        List<String> damage) {
    private static final ChannelName FIRST = new ChannelName("\0", "\0");

    /// A log file.
    record LogFile(String name, long number, long position, long bytes, String state) {}

    /// A checkpoint file.
    record Checkpoint(String name, long number, long position, long bytes, String state) {}

    /// A segment and how many of its bytes unsettled messages need.
    record Segment(String name, long bytes, long needed) {}

    /// Where the log ends.
    record LogEnd(long position, String file, long offset, boolean torn) {}

    /// A queue.
    record Queue(
            String name,
            long ready,
            long leased,
            long waiting,
            long stranded,
            long bytes,
            @Nullable String deadLetter) {}

    /// A partition of a topic.
    record Partition(String topic, int partition, long start, long end, long bytes) {}

    /// A message.
    record Message(
            long sequence,
            String state,
            int deliveries,
            int bytes,
            String file,
            long offset,
            Instant stored) {}

    static Inspection of(String directory, Examination examined, List<String> damage) {
        LogSurvey survey = examined.survey();
        LogSurvey.End end = examined.end();
        State state = examined.state();
        return new Inspection(
                directory,
                DirectoryFormat.FORMAT,
                "%016x".formatted(survey.format().id()),
                survey.format().fileBytes(),
                logFiles(survey, end, state),
                checkpoints(survey),
                segments(survey, state),
                new LogEnd(
                        end.position(),
                        survey.fileOf(end.position() - 1),
                        survey.offsetOf(end.position() - 1) + 1,
                        end.torn()),
                state == null ? 0 : state.epoch(),
                Instant.ofEpochMilli(state == null ? 0 : state.now()),
                state == null ? List.of() : queues(state),
                state == null ? List.of() : partitions(state),
                damage);
    }

    private static List<LogFile> logFiles(
            LogSurvey survey, LogSurvey.End end, @Nullable State state) {
        int fileBytes = survey.format().fileBytes();
        long checkpointed =
                survey.checkpoints().stream()
                        .mapToLong(LogSurvey.CheckpointFound::position)
                        .max()
                        .orElse(0);
        long needed = state == null ? 0 : Math.min(state.oldestNeeded(checkpointed), checkpointed);
        long first = needed / fileBytes;
        long last = (end.position() - 1) / fileBytes;
        return survey.logFiles().stream()
                .map(file ->
                        new LogFile(
                                file.name(),
                                file.number(),
                                file.number() < 0 ? -1 : file.number() * fileBytes,
                                file.bytes(),
                                switch (file.header()) {
                                    case BLANK -> "being made";
                                    case UNREADABLE -> "header unreadable";
                                    case SOUND ->
                                            file.number() >= first && file.number() <= last
                                                    ? "needed"
                                                    : "free";
                                }))
                .toList();
    }

    private static List<Checkpoint> checkpoints(LogSurvey survey) {
        return survey.checkpoints().stream()
                .map(found ->
                        new Checkpoint(
                                found.name(),
                                found.number(),
                                found.position(),
                                found.bytes(),
                                found.damage() == null ? "sound" : "unreadable"))
                .toList();
    }

    private static List<Segment> segments(LogSurvey survey, @Nullable State state) {
        Map<Integer, Long> needed = state == null ? Map.of() : state.segments();
        return survey.segments().stream()
                .map(number ->
                        new Segment(
                                Segments.nameOf(number),
                                survey.segmentBytes(number),
                                needed.getOrDefault(number, 0L)))
                .toList();
    }

    private static List<Queue> queues(State state) {
        List<Queue> queues = new ArrayList<>();
        for (QueueState queue : all(state)) {
            View.QueueCounts counts = queue.counts();
            long lost = state.stranded(queue).size();
            ChannelName deadLetter = queue.definition().deadLetter();
            queues.add(
                    new Queue(
                            queue.definition().name().toString(),
                            counts.ready(),
                            counts.leased(),
                            counts.delayed() - lost,
                            lost,
                            counts.bytes(),
                            deadLetter == null ? null : deadLetter.toString()));
        }
        return queues;
    }

    private static List<Partition> partitions(State state) {
        List<Partition> partitions = new ArrayList<>();
        for (TopicState topic : state.topics().from(FIRST, true).values()) {
            int number = 0;
            for (PartitionState partition : topic.partitions()) {
                partitions.add(
                        new Partition(
                                topic.definition().name().toString(),
                                number++,
                                partition.start(),
                                partition.end(),
                                partition.bytes()));
            }
        }
        return partitions;
    }

    private static Iterable<QueueState> all(State state) {
        return state.queuesFrom(FIRST, true).values();
    }

    /// The queue that is shown by this name, or null.
    static @Nullable QueueState queue(State state, String name) {
        for (QueueState queue : all(state)) {
            if (queue.definition().name().toString().equals(name)) {
                return queue;
            }
        }
        return null;
    }

    /// The first messages of a queue after `after`.
    static List<Message> messages(Examination examined, QueueState queue, long after, int limit) {
        State state = examined.state();
        List<Message> messages = new ArrayList<>();
        List<Delivery> stranded = state == null ? List.of() : state.stranded(queue);
        for (long sequence = queue.next(after);
                sequence >= 0 && messages.size() < limit;
                sequence = queue.next(sequence)) {
            Location location = queue.locate(sequence);
            Delivery delivery = queue.delivery(sequence);
            messages.add(
                    new Message(
                            sequence,
                            stateOf(queue, sequence, stranded.contains(delivery)),
                            Standing.past(queue, sequence, 0).deliveries(),
                            location.bytes(),
                            examined.survey().fileOf(location.position()),
                            examined.survey().offsetOf(location.position()),
                            Instant.ofEpochMilli(location.stored())));
        }
        return messages;
    }

    private static String stateOf(QueueState queue, long sequence, boolean stranded) {
        return switch (Standing.stateOf(queue, sequence)) {
            case READY, LEASED -> Standing.stateOf(queue, sequence).name().toLowerCase(Locale.ROOT);
            case DELAYED -> stranded ? "stranded" : "waiting";
        };
    }
}
