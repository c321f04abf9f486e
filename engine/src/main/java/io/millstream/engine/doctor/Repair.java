package io.millstream.engine.doctor;

import io.millstream.api.ChannelName;
import io.millstream.engine.io.Disk;
import io.millstream.engine.log.DamagedException;
import io.millstream.engine.log.LogMender;
import io.millstream.engine.log.LogSurvey;
import io.millstream.engine.log.LogSurvey.LogFound;
import io.millstream.engine.log.Segments;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.Salvage;
import io.millstream.engine.state.Snapshot;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Makes a damaged directory usable again: first a plan, which changes nothing, then, if somebody
/// agrees to what it gives up, the change.
///
/// What can still be known is folded into one state, and both checkpoints are written anew with it,
/// as of the end of the log. So nothing damaged before that end is ever read again, and the
/// messages stay where they lie. The checkpoints are the switch: until the first of them is in
/// place, the directory is as damaged as before.
public final class Repair implements AutoCloseable {
    private static final int SLICE_BYTES = 256 << 10;

    private final Disk disk;
    private final @Nullable Examination examination;
    private final List<String> obstacles;
    private final List<Loss> losses = new ArrayList<>();
    private final List<LogFound> headers = new ArrayList<>();
    private final List<Long> missingFiles = new ArrayList<>();
    private final List<Integer> segmentHeaders = new ArrayList<>();
    private final List<Integer> unusableSegments = new ArrayList<>();

    private Repair(Disk disk, @Nullable Examination examination, List<String> obstacles) {
        this.disk = disk;
        this.examination = examination;
        this.obstacles = obstacles;
    }

    /// Looks what is damaged and how much of it can be repaired, in a directory whose lock the
    /// caller has. Changes nothing. Blocks while it reads every message.
    ///
    /// @param told each damage as it is found
    public static Repair plan(Disk disk, Consumer<Finding> told) throws IOException {
        Examination examination;
        try {
            examination = Examination.of(disk, told);
        } catch (DamagedException format) {
            told.accept(new Finding(format.damage(), "everything: nothing else can be read"));
            return new Repair(
                    disk,
                    null,
                    List.of(format.damage().file() + ": nothing tells any more what it said"));
        }
        try {
            examination.checkMessages();
            Repair repair = new Repair(disk, examination, examination.obstacles());
            repair.plan(examination);
            return repair;
        } catch (IOException | RuntimeException failed) {
            examination.close();
            throw failed;
        }
    }

    private void plan(Examination found) throws IOException {
        Salvage salvage = found.salvage();
        if (salvage == null || !isNeeded()) {
            return;
        }
        State state = salvage.state();
        Set<Integer> needed = new TreeSet<>(state.segments().keySet());
        ContentCheck content = Objects.requireNonNull(found.content());
        losses.addAll(new LossPlan(salvage, content).make());
        planFiles(found, state, needed, salvage.hasHoles());
    }

    private void planFiles(Examination found, State state, Set<Integer> needed, boolean hasHoles) {
        LogSurvey survey = found.survey();
        headers.addAll(found.unreadableHeaders());
        int fileBytes = survey.format().fileBytes();
        long end = found.end().position();
        long last = (end - 1) / fileBytes;
        long highest = survey.missingAfter(end) < 0 ? last : survey.lastNumber();
        for (long number = Math.min(state.oldestNeeded(end) / fileBytes, last);
                number <= highest;
                number++) {
            if (!survey.holds(number * fileBytes)) {
                missingFiles.add(number);
            }
        }
        for (int segment : survey.segments()) {
            if (state.needsSegment(segment)) {
                if (found.unreadableSegments().contains(segment)) {
                    segmentHeaders.add(segment);
                }
            } else if (needed.contains(segment) || hasHoles) {
                // A hole may have said what lies in it. The next start would delete it.
                unusableSegments.add(segment);
            }
        }
    }

    /// Whether anything is damaged.
    public boolean isNeeded() {
        return examination == null || examination.findings() > 0;
    }

    /// Why nothing can be repaired; empty if it can.
    public List<String> obstacles() {
        return obstacles;
    }

    /// What it does to queues and topics, for each that it concerns.
    public List<Loss> losses() {
        return List.copyOf(losses);
    }

    /// Queues and topics whose names are lost: they will have these.
    public List<ChannelName> renamed() {
        List<ChannelName> names = new ArrayList<>();
        Salvage salvage = examination == null ? null : examination.salvage();
        if (salvage != null) {
            State state = salvage.state();
            for (long channel : salvage.nameless()) {
                QueueState queue = state.queue(channel);
                if (queue != null) {
                    names.add(queue.definition().name());
                }
            }
            for (long channel : salvage.topics().nameless()) {
                TopicState topic = state.topics().topic(channel);
                if (topic != null) {
                    names.add(topic.definition().name());
                }
            }
        }
        return names;
    }

    /// What it does to files, a line each.
    public List<String> steps() throws IOException {
        Examination found = examination;
        if (found == null || !isNeeded() || !obstacles.isEmpty()) {
            return List.of();
        }
        LogMender mender = new LogMender(disk, found.survey().format());
        List<String> steps = new ArrayList<>();
        if (found.isFormatUnreadable()) {
            steps.add("millstream-format is written anew");
        }
        headers.forEach(file ->
                steps.add(
                        "%s gets a header again: it is number %d"
                                .formatted(file.name(), file.number())));
        missingFiles.forEach(
                number -> steps.add("an empty log file stands for number %d".formatted(number)));
        segmentHeaders.forEach(
                segment -> steps.add("%s gets a header again".formatted(Segments.nameOf(segment))));
        steps.add(
                "checkpoint-a and checkpoint-b are written anew, as of log position %d"
                        .formatted(found.end().position()));
        unusableSegments.forEach(
                segment -> steps.add("%s is no longer used".formatted(Segments.nameOf(segment))));
        steps.add("what is replaced is kept as " + mender.keptAs("*"));
        return steps;
    }

    /// Changes the directory as planned. Blocks for the disk; cut off anywhere, it leaves a
    /// directory that can be repaired again.
    ///
    /// @param report kept beside what is replaced
    public void run(String report) throws IOException {
        Examination found = examination;
        State state = found == null ? null : found.state();
        if (found == null || state == null || !obstacles.isEmpty()) {
            throw new IllegalStateException("There is no plan that could be followed");
        }
        LogMender mender = new LogMender(disk, found.survey().format());
        mender.keepText(report);
        if (found.isFormatUnreadable()) {
            mender.mendFormat();
        }
        for (LogFound file : headers) {
            mender.mendLogFile(file.name(), file.number(), found.end().position());
        }
        for (long number : missingFiles) {
            mender.addLogFile(number);
        }
        for (int segment : segmentHeaders) {
            mender.mendSegment(segment);
        }
        mender.storeCheckpoints(found.newestNumber(), found.end().position(), slicesOf(state));
        for (int segment : unusableSegments) {
            mender.putAside(segment);
        }
    }

    private static List<ByteBuffer> slicesOf(State state) {
        List<ByteBuffer> slices = new ArrayList<>();
        Snapshot snapshot = state.beginSnapshot(SLICE_BYTES);
        while (!snapshot.isDone()) {
            snapshot.advance();
            snapshot.drainTo(slices::add);
        }
        return slices;
    }

    @Override
    public void close() throws IOException {
        if (examination != null) {
            examination.close();
        }
    }
}
