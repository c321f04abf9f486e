package io.millstream.testkit.doctor;

import io.millstream.engine.doctor.Examination;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;
import io.millstream.engine.log.LogSurvey;
import io.millstream.engine.log.LogSurvey.CheckpointFound;
import io.millstream.engine.position.Positions;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.SegmentEnds;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// What can be done to a structure on the disk, and what an engine makes of it.
enum Wound {
    FORMAT(Opening.REFUSED),
    LOG_HEADER(Opening.REFUSED),
    FRAME(Opening.REFUSED),
    OLDER_FRAME(Opening.LOSES_NOTHING),
    NEWER_CHECKPOINT(Opening.LOSES_NOTHING),
    OLDER_CHECKPOINT(Opening.LOSES_NOTHING),
    SEGMENT_HEADER(Opening.REFUSED),
    MESSAGE_IN_SEGMENT(Opening.FOUND_BY_READERS),
    MESSAGE_IN_LOG(Opening.FOUND_BY_READERS),
    BATCH_IN_SEGMENT(Opening.FOUND_BY_READERS),
    BATCH_IN_LOG(Opening.FOUND_BY_READERS),
    MISSING_SEGMENT(Opening.REFUSED),
    SHORT_SEGMENT(Opening.REFUSED),
    MISSING_LOG_FILE(Opening.REFUSED),
    SHORT_LOG_FILE(Opening.REFUSED),
    MISSING_CHECKPOINT(Opening.LOSES_NOTHING),
    STRETCH_OF_LOG(Opening.REFUSED);

    private static final int BLOCK_BYTES = 4096;

    final Opening opening;

    Wound(Opening opening) {
        this.opening = opening;
    }

    /// What an engine does that opens what has the wound. There is no fourth way: to open, and to
    /// lack something or to show something else.
    enum Opening {
        /// It does not open, and names the place.
        REFUSED,

        /// It opens, because to see this it would have to read everything that is stored. It never
        /// hands out what is damaged: it gives what lies before that, then names the place and
        /// stops.
        FOUND_BY_READERS,

        /// It opens, and everything is there: what is damaged does not count any more, or is said
        /// elsewhere too.
        LOSES_NOTHING
    }

    /// Where a bit was turned, or what is gone.
    ///
    /// @param held what was there: at most this can be lost with it
    record Place(String file, long offset, Set<Specimen.Place> held) {}

    Place inflict(MemoryDisk disk, SplittableRandom random) throws IOException {
        try (Examination sound = Examination.of(disk, finding -> {})) {
            CheckpointFound newest = checkpoint(sound.survey(), true);
            CheckpointFound oldest = checkpoint(sound.survey(), false);
            String segment = pick(disk.list(), "segment-", random);
            return switch (this) {
                case FORMAT -> flip(disk, "millstream-format", random.nextInt(80));
                case LOG_HEADER ->
                        flip(disk, nameOf(sound, logFile(sound, random)), random.nextInt(24));
                case FRAME -> flipFrame(disk, sound, newest.position(), random);
                case OLDER_FRAME -> flipOlderFrame(disk, sound, oldest, newest, random);
                case NEWER_CHECKPOINT -> flip(disk, newest.name(), place(newest, random));
                case OLDER_CHECKPOINT -> flip(disk, oldest.name(), place(oldest, random));
                case SEGMENT_HEADER -> flip(disk, segment, random.nextInt(16));
                case MESSAGE_IN_SEGMENT -> flipMessage(disk, sound, true, newest, random);
                case MESSAGE_IN_LOG -> flipMessage(disk, sound, false, newest, random);
                case BATCH_IN_SEGMENT -> flipBatch(disk, sound, true, newest, random);
                case BATCH_IN_LOG -> flipBatch(disk, sound, false, newest, random);
                case MISSING_SEGMENT -> deleteSegment(disk, sound, segment);
                case SHORT_SEGMENT -> cutSegment(disk, sound, segment, random);
                case MISSING_LOG_FILE -> {
                    long number = logFile(sound, random);
                    disk.delete(nameOf(sound, number));
                    yield lacking(sound, newest, number, 0);
                }
                case SHORT_LOG_FILE -> {
                    long number = logFile(sound, random);
                    int blocks = Specimen.FILE_BYTES / BLOCK_BYTES;
                    long bytes = (1L + random.nextInt(blocks - 1)) * BLOCK_BYTES;
                    Place place = lacking(sound, newest, number, bytes);
                    truncate(disk, place.file, bytes);
                    yield place;
                }
                case MISSING_CHECKPOINT -> {
                    disk.delete(oldest.name());
                    yield new Place(oldest.name(), 0, Set.of());
                }
                case STRETCH_OF_LOG -> flipFrames(disk, sound, newest.position(), random);
            };
        }
    }

    private static CheckpointFound checkpoint(LogSurvey survey, boolean newest) {
        Comparator<CheckpointFound> order = Comparator.comparingLong(CheckpointFound::number);
        return survey.checkpoints().stream().max(newest ? order : order.reversed()).orElseThrow();
    }

    private static long place(CheckpointFound checkpoint, SplittableRandom random) {
        return random.nextBoolean()
                ? random.nextInt(40)
                : 4096 + random.nextLong(checkpoint.bytes());
    }

    private static String pick(List<String> names, String prefix, SplittableRandom random) {
        List<String> matching = names.stream().filter(name -> name.startsWith(prefix)).toList();
        return matching.get(random.nextInt(matching.size()));
    }

    /// The number of one with unsettled messages in it, or the log since the checkpoint; not the
    /// last one.
    private static long logFile(Examination sound, SplittableRandom random) {
        LogSurvey survey = sound.survey();
        long fileBytes = survey.format().fileBytes();
        long checkpoint = checkpoint(survey, true).position();
        long first = sound.state().oldestNeeded(checkpoint) / fileBytes;
        long last = (sound.end().position() - 1) / fileBytes;
        return first + random.nextLong(last - first);
    }

    private static String nameOf(Examination sound, long number) {
        return sound.survey().fileOf(number * Specimen.FILE_BYTES);
    }

    /// A log file from an offset on.
    private static Place lacking(
            Examination sound, CheckpointFound newest, long number, long offset)
            throws IOException {
        long from = number * Specimen.FILE_BYTES + offset;
        long to = (number + 1) * Specimen.FILE_BYTES;
        Held held = new Held(sound).bytes(from, to).said(newest.position(), from, to);
        return new Place(nameOf(sound, number), offset, held.places());
    }

    private static Place flipFrame(
            MemoryDisk disk, Examination sound, long from, SplittableRandom random)
            throws IOException {
        List<Held.Frame> frames = Held.frames(sound.survey(), from);
        // The last one would look torn.
        Held.Frame frame = frames.get(random.nextInt(frames.size() - 1));
        int length = (int) (frame.end() - frame.start);
        int at = random.nextBoolean() ? random.nextInt(48) : random.nextInt(length);
        Place place = placeOf(sound, from, frame.start, frame.end());
        flip(disk, place.file, place.offset + at);
        return place;
    }

    private static Place placeOf(Examination sound, long checkpoint, long from, long to)
            throws IOException {
        return new Place(
                sound.survey().fileOf(from),
                sound.survey().offsetOf(from),
                new Held(sound).said(checkpoint, from, to).places());
    }

    private static Place flipFrames(
            MemoryDisk disk, Examination sound, long from, SplittableRandom random)
            throws IOException {
        List<Held.Frame> frames = Held.frames(sound.survey(), from);
        int first = random.nextInt(frames.size() - 8);
        List<Held.Frame> stretch = frames.subList(first, first + 6);
        Place place = placeOf(sound, from, stretch.getFirst().start, stretch.getLast().end());
        for (Held.Frame frame : stretch) {
            LogSurvey survey = sound.survey();
            flip(disk, survey.fileOf(frame.start), survey.offsetOf(frame.start) + 9);
        }
        return place;
    }

    private static Place flipOlderFrame(
            MemoryDisk disk,
            Examination sound,
            CheckpointFound oldest,
            CheckpointFound newest,
            SplittableRandom random)
            throws IOException {
        List<Held.Frame> frames = Held.frames(sound.survey(), oldest.position());
        frames.removeIf(one -> one.start >= newest.position());
        long frame = frames.get(random.nextInt(frames.size())).start;
        LogSurvey survey = sound.survey();
        return flip(disk, survey.fileOf(frame), survey.offsetOf(frame) + 8 + random.nextInt(40));
    }

    private static Place flipMessage(
            MemoryDisk disk,
            Examination sound,
            boolean inSegment,
            CheckpointFound newest,
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

    private static Place flipBatch(
            MemoryDisk disk,
            Examination sound,
            boolean inSegment,
            CheckpointFound newest,
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
        long at = random.nextLong(place[1]);
        Held held = new Held(sound).bytes(place[0] + at, place[0] + at + 1);
        flip(disk, file, offset + at);
        return new Place(file, offset, held.places());
    }

    private static Place deleteSegment(MemoryDisk disk, Examination sound, String segment)
            throws IOException {
        Held held = heldBehind(sound, segment, 0);
        disk.delete(segment);
        return new Place(segment, 0, held.places());
    }

    /// So that something that is needed lay behind the cut.
    private static Place cutSegment(
            MemoryDisk disk, Examination sound, String segment, SplittableRandom random)
            throws IOException {
        long needed = SegmentEnds.of(sound.state()).get(numberOf(segment));
        long bytes = random.nextLong(needed);
        Held held = heldBehind(sound, segment, bytes);
        truncate(disk, segment, bytes);
        return new Place(segment, bytes, held.places());
    }

    private static Held heldBehind(Examination sound, String segment, long offset)
            throws IOException {
        int number = numberOf(segment);
        return new Held(sound)
                .bytes(Positions.inSegment(number, offset), Positions.inSegment(number + 1, 0));
    }

    private static int numberOf(String segment) {
        return Integer.parseInt(segment.substring("segment-".length()));
    }

    private static void truncate(MemoryDisk disk, String name, long bytes) throws IOException {
        try (StoredFile file = disk.open(name)) {
            file.truncate(bytes);
        }
    }

    /// Turns a bit over in something that nothing is lost with.
    private static Place flip(MemoryDisk disk, String name, long offset) throws IOException {
        try (StoredFile file = disk.open(name)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 1 << (int) (offset % 8))).rewind();
            file.write(one, offset);
        }
        return new Place(name, offset, Set.of());
    }
}
