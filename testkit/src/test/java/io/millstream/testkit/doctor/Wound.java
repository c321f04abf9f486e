package io.millstream.testkit.doctor;

import io.millstream.engine.doctor.Examination;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;
import io.millstream.engine.log.LogSurvey;
import io.millstream.engine.log.SurveyReplay;
import io.millstream.engine.position.Positions;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/// What can be done to a structure on the disk.
enum Wound {
    FORMAT(true),
    LOG_HEADER(true),
    FRAME(true),
    OLDER_FRAME(false),
    NEWER_CHECKPOINT(false),
    OLDER_CHECKPOINT(false),
    SEGMENT_HEADER(true),
    MESSAGE_IN_SEGMENT(false),
    MESSAGE_IN_LOG(false),
    BATCH_IN_SEGMENT(false),
    BATCH_IN_LOG(false),
    MISSING_SEGMENT(true),
    SHORT_SEGMENT(false),
    MISSING_LOG_FILE(true),
    SHORT_LOG_FILE(true),
    MISSING_CHECKPOINT(false),
    STRETCH_OF_LOG(true);

    private static final int BLOCK_BYTES = 4096;

    /// Whether an engine refuses to open what has it.
    final boolean refused;

    Wound(boolean refused) {
        this.refused = refused;
    }

    /// Where a bit was turned, or what is gone.
    record Place(String file, long offset) {}

    Place inflict(MemoryDisk disk, SplittableRandom random) throws IOException {
        try (Examination sound = Examination.of(disk, finding -> {})) {
            LogSurvey survey = sound.survey();
            LogSurvey.CheckpointFound newest = checkpoint(survey, true);
            LogSurvey.CheckpointFound oldest = checkpoint(survey, false);
            String segment = pick(disk.list(), "segment-", random);
            return switch (this) {
                case FORMAT -> flip(disk, "millstream-format", random.nextInt(80));
                case LOG_HEADER -> flip(disk, neededLogFile(sound, random), random.nextInt(24));
                case FRAME -> flipFrame(disk, survey, newest.position(), random);
                case OLDER_FRAME -> {
                    Frames frames = frames(survey, oldest.position());
                    frames.positions.removeIf(one -> one >= newest.position());
                    long frame = frames.positions.get(random.nextInt(frames.positions.size()));
                    yield flip(
                            disk,
                            survey.fileOf(frame),
                            survey.offsetOf(frame) + 8 + random.nextInt(40));
                }
                case NEWER_CHECKPOINT -> flip(disk, newest.name(), place(newest, random));
                case OLDER_CHECKPOINT -> flip(disk, oldest.name(), place(oldest, random));
                case SEGMENT_HEADER -> flip(disk, segment, random.nextInt(16));
                case MESSAGE_IN_SEGMENT -> flipMessage(disk, sound, true, newest, random);
                case MESSAGE_IN_LOG -> flipMessage(disk, sound, false, newest, random);
                case BATCH_IN_SEGMENT -> flipBatch(disk, sound, true, newest, random);
                case BATCH_IN_LOG -> flipBatch(disk, sound, false, newest, random);
                case MISSING_SEGMENT -> delete(disk, segment);
                case SHORT_SEGMENT -> {
                    try (StoredFile file = disk.open(segment)) {
                        file.truncate(file.size() * (1 + random.nextInt(9)) / 10);
                    }
                    yield new Place(segment, 0);
                }
                case MISSING_LOG_FILE -> delete(disk, neededLogFile(sound, random));
                case SHORT_LOG_FILE -> {
                    String name = neededLogFile(sound, random);
                    int blocks = Specimen.FILE_BYTES / BLOCK_BYTES;
                    long bytes = (1L + random.nextInt(blocks - 1)) * BLOCK_BYTES;
                    try (StoredFile file = disk.open(name)) {
                        file.truncate(bytes);
                    }
                    yield new Place(name, bytes);
                }
                case MISSING_CHECKPOINT -> delete(disk, oldest.name());
                case STRETCH_OF_LOG -> {
                    Frames frames = frames(survey, newest.position());
                    int first = random.nextInt(frames.positions.size() - 8);
                    for (int i = first; i < first + 6; i++) {
                        long at = frames.positions.get(i);
                        flip(disk, survey.fileOf(at), survey.offsetOf(at) + 9);
                    }
                    long at = frames.positions.get(first);
                    yield new Place(survey.fileOf(at), survey.offsetOf(at));
                }
            };
        }
    }

    private static LogSurvey.CheckpointFound checkpoint(LogSurvey survey, boolean newest) {
        Comparator<LogSurvey.CheckpointFound> order =
                Comparator.comparingLong(LogSurvey.CheckpointFound::number);
        return survey.checkpoints().stream().max(newest ? order : order.reversed()).orElseThrow();
    }

    private static long place(LogSurvey.CheckpointFound checkpoint, SplittableRandom random) {
        return random.nextBoolean()
                ? random.nextInt(40)
                : 4096 + random.nextLong(checkpoint.bytes());
    }

    private static String pick(List<String> names, String prefix, SplittableRandom random) {
        List<String> matching = names.stream().filter(name -> name.startsWith(prefix)).toList();
        return matching.get(random.nextInt(matching.size()));
    }

    /// One with unsettled messages in it, or the log since the checkpoint; not the last one.
    private static String neededLogFile(Examination sound, SplittableRandom random) {
        LogSurvey survey = sound.survey();
        long fileBytes = survey.format().fileBytes();
        long checkpoint = checkpoint(survey, true).position();
        long first = sound.state().oldestNeeded(checkpoint) / fileBytes;
        long last = (sound.end().position() - 1) / fileBytes;
        long number = first + random.nextLong(last - first);
        return survey.fileOf(number * fileBytes);
    }

    private static Place flipFrame(
            MemoryDisk disk, LogSurvey survey, long from, SplittableRandom random)
            throws IOException {
        Frames frames = frames(survey, from);
        // The last one would look torn.
        int index = random.nextInt(frames.positions.size() - 1);
        long frame = frames.positions.get(index);
        int length = 48 + frames.payloads.get(index);
        int at = random.nextBoolean() ? random.nextInt(48) : random.nextInt(length);
        flip(disk, survey.fileOf(frame), survey.offsetOf(frame) + at);
        return new Place(survey.fileOf(frame), survey.offsetOf(frame));
    }

    private static Place flipMessage(
            MemoryDisk disk,
            Examination sound,
            boolean inSegment,
            LogSurvey.CheckpointFound newest,
            SplittableRandom random)
            throws IOException {
        List<long[]> places = new ArrayList<>();
        for (QueueState queue = sound.state().queueAfter(0);
                queue != null;
                queue = sound.state().queueAfter(queue.channel())) {
            for (long s = queue.next(0); s >= 0; s = queue.next(s)) {
                long position = queue.locate(s).position();
                if (Positions.isInSegment(position) == inSegment
                        && (inSegment || position < newest.position())) {
                    places.add(new long[] {position, queue.locate(s).bytes()});
                }
            }
        }
        return flipOneOf(places, disk, sound, random);
    }

    /// Somewhere in an extent that is one batch.
    private static Place flipBatch(
            MemoryDisk disk,
            Examination sound,
            boolean inSegment,
            LogSurvey.CheckpointFound newest,
            SplittableRandom random)
            throws IOException {
        List<long[]> places = new ArrayList<>();
        TopicState topic = sound.state().topics().topic(Specimen.EVENTS);
        for (PartitionState partition : topic.partitions()) {
            for (Extent extent : partition.extents()) {
                if (Positions.isInSegment(extent.position()) == inSegment
                        && (inSegment || extent.position() < newest.position())) {
                    places.add(new long[] {extent.position(), extent.bytes()});
                }
            }
        }
        return flipOneOf(places, disk, sound, random);
    }

    private static Place flipOneOf(
            List<long[]> places, MemoryDisk disk, Examination sound, SplittableRandom random)
            throws IOException {
        long[] place = places.get(random.nextInt(places.size()));
        long offset = sound.survey().offsetOf(place[0]);
        String file = sound.survey().fileOf(place[0]);
        flip(disk, file, offset + random.nextLong(place[1]));
        return new Place(file, offset);
    }

    private static Place flip(MemoryDisk disk, String name, long offset) throws IOException {
        try (StoredFile file = disk.open(name)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 1 << (int) (offset % 8))).rewind();
            file.write(one, offset);
        }
        return new Place(name, offset);
    }

    private static Place delete(MemoryDisk disk, String name) throws IOException {
        disk.delete(name);
        return new Place(name, 0);
    }

    private static Frames frames(LogSurvey survey, long from) throws IOException {
        Frames frames = new Frames();
        survey.walk(from, frames);
        return frames;
    }

    /// Where frames with entries lie, and how long those are.
    private static final class Frames implements SurveyReplay {
        private final List<Long> positions = new ArrayList<>();
        private final List<Integer> payloads = new ArrayList<>();
        private boolean fresh;

        @Override
        public void epoch(int epoch) {}

        @Override
        public void frame(long now) {
            fresh = true;
        }

        @Override
        public void entry(long position, int framedBytes, ByteBuffer entry) {
            if (fresh) {
                positions.add(position - 48);
                payloads.add(0);
                fresh = false;
            }
            payloads.set(payloads.size() - 1, payloads.getLast() + framedBytes);
        }

        @Override
        public void hole(Hole hole) {}
    }
}
