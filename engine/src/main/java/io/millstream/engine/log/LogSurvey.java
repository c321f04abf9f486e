package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.ReadOnlyDisk;
import io.millstream.engine.position.Positions;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// A data directory at rest, looked at without changing it: what is there, what is damaged, and the
/// log with its holes. Where recovery stops at the first damage, this goes on.
///
/// One thread's.
public final class LogSurvey implements AutoCloseable {
    /// Where the first frame of a log lies.
    public static final long LOG_START = LogFile.HEADER_BYTES;

    /// The file that the log of a new directory begins with.
    public static final String FIRST_LOG_FILE = LogFile.nameOf(0);

    private static final int WINDOW_BYTES = 1 << 20;

    private final Disk disk;
    private final DirectoryFormat format;
    private final List<LogFile> files = new ArrayList<>();
    private final List<LogFound> found = new ArrayList<>();
    private final TreeMap<Long, LogFile> byNumber = new TreeMap<>();
    private final Checkpoints stored;
    private final List<CheckpointFound> checkpoints = new ArrayList<>();
    private final List<Damage> twins = new ArrayList<>();
    private final Segments segments;
    private final FrameReader frames;
    private Checkpoints.@Nullable Checkpoint newest;
    private byte[] window = {};
    private long windowBase = -1;

    /// What a log file's header says.
    public enum Header {
        /// Which stretch of the log it holds.
        SOUND,
        /// Nothing: it is being made.
        BLANK,
        /// Nothing that can be read.
        UNREADABLE
    }

    /// A log file.
    ///
    /// @param name its file
    /// @param number which stretch of the log it holds, by its header or else by its frames, or -1
    /// @param bytes how long it is
    /// @param header what its header says
    /// @param bytesDue how many bytes it must have, by what its header says
    public record LogFound(String name, long number, long bytes, Header header, long bytesDue) {

        /// Whether it has been cut short.
        public boolean isShort() {
            return bytes < bytesDue;
        }

        /// What is wrong with one that has been cut short.
        public Damage shortness() {
            return new Damage(name, bytes, LogFile.shorterThan((int) bytesDue));
        }
    }

    /// A checkpoint file.
    ///
    /// @param name its file
    /// @param number counts them
    /// @param position everything before it is in the state
    /// @param bytes the length of its slices
    /// @param damage what is wrong with it, in which case the rest is unknown
    public record CheckpointFound(
            String name, long number, long position, long bytes, @Nullable Damage damage) {}

    /// Where the log ends.
    ///
    /// @param position the end
    /// @param torn whether a frame begins there that was never acknowledged
    public record End(long position, boolean torn) {}

    private LogSurvey(Disk disk, DirectoryFormat format) throws IOException {
        this.disk = disk;
        this.format = format;
        this.stored = new Checkpoints(disk, format);
        this.segments = Segments.open(disk, format);
        this.frames = new FrameReader(this::fileAt, format);
    }

    /// Looks at a directory whose lock the caller has.
    ///
    /// @throws DamagedException if its format file is missing or not readable
    public static LogSurvey open(Disk disk) throws IOException {
        Disk looked = new ReadOnlyDisk(disk);
        return open(disk, DirectoryFormat.find(looked));
    }

    /// Looks at a directory whose format is known from elsewhere.
    public static LogSurvey open(Disk disk, DirectoryFormat format) throws IOException {
        LogSurvey survey = new LogSurvey(new ReadOnlyDisk(disk), format);
        try {
            survey.openFiles();
            survey.readCheckpoints();
            return survey;
        } catch (IOException | RuntimeException failed) {
            survey.close();
            throw failed;
        }
    }

    /// What a missing or unreadable format file said, if anything proves it.
    public static Optional<DirectoryFormat> rescueFormat(Disk disk) throws IOException {
        return DirectoryFormat.rescue(new ReadOnlyDisk(disk));
    }

    private void openFiles() throws IOException {
        for (String name : disk.list()) {
            if (LogFile.isName(name)) {
                files.add(LogFile.open(disk, name, format));
            }
        }
        files.stream().filter(LogFile::hasNumber).forEach(this::claim);
        for (LogFile file : files) {
            if (file.hasNumber()) {
                long due = file.bytesDue(file.number() == lastNumber());
                found.add(found(file, Header.SOUND, due));
            }
        }
        for (LogFile file : files) {
            if (!file.hasNumber()) {
                Header header = isBlank(file) ? Header.BLANK : Header.UNREADABLE;
                file.assume(numberByFrames(file));
                found.add(found(file, header, 0));
                if (file.hasNumber()) {
                    byNumber.putIfAbsent(file.number(), file);
                }
            }
        }
        found.sort((one, other) -> Long.compare(one.number, other.number));
    }

    private static LogFound found(LogFile file, Header header, long bytesDue) {
        return new LogFound(file.name(), file.number(), file.prepared(), header, bytesDue);
    }

    private void claim(LogFile file) {
        LogFile twin = byNumber.putIfAbsent(file.number(), file);
        if (twin != null) {
            twins.add(new Damage(file.name(), 0, "it has the number of " + twin.name()));
        }
    }

    private static boolean isBlank(LogFile file) throws IOException {
        if (file.prepared() < LogFile.HEADER_BYTES) {
            return true;
        }
        ByteBuffer block = ByteBuffer.allocate(LogFile.HEADER_BYTES);
        file.readMediumAt(block, 0);
        return block.rewind().equals(ByteBuffer.allocate(LogFile.HEADER_BYTES));
    }

    /// Each frame says its position, and those of a file's last use say the highest.
    private long numberByFrames(LogFile file) throws IOException {
        long number = -1;
        ByteBuffer head = ByteBuffer.allocate(FrameHeader.BYTES);
        for (int at = LogFile.HEADER_BYTES;
                at + FrameHeader.BLOCK_BYTES <= file.prepared();
                at += FrameHeader.BLOCK_BYTES) {
            file.readMediumAt(head.clear(), at);
            long position = head.getLong(8);
            long claimed = position / format.fileBytes();
            if (claimed > number && position % format.fileBytes() == at) {
                file.assume(claimed);
                FrameReader reader = new FrameReader(any -> file, format);
                if (reader.frameAt(position) != null) {
                    number = claimed;
                }
            }
        }
        return number;
    }

    private void readCheckpoints() throws IOException {
        for (String name : disk.list()) {
            if (Checkpoints.isName(name)) {
                checkpoints.add(read(name));
            }
        }
    }

    private CheckpointFound read(String name) throws IOException {
        Checkpoints.Checkpoint read = stored.readHeader(name);
        if (read == null) {
            return unreadable(name, "its header is not readable");
        }
        long[] bytes = {0};
        if (!stored.readSlices(read, slice -> bytes[0] += slice.remaining())) {
            return unreadable(name, "one of its slices is not readable, or it ends too early");
        }
        if (newest == null || newest.number() < read.number()) {
            newest = read;
        }
        return new CheckpointFound(name, read.number(), read.position(), bytes[0], null);
    }

    private static CheckpointFound unreadable(String name, String what) {
        return new CheckpointFound(name, -1, -1, 0, new Damage(name, 0, what));
    }

    /// What kind of directory it is.
    public DirectoryFormat format() {
        return format;
    }

    /// The log files, by number; those without one first.
    public List<LogFound> logFiles() {
        return List.copyOf(found);
    }

    /// The checkpoint files.
    public List<CheckpointFound> checkpoints() {
        return List.copyOf(checkpoints);
    }

    /// Log files with a number that another one has too: nobody can tell which one counts.
    public List<Damage> twins() {
        return List.copyOf(twins);
    }

    /// The newest sound checkpoint, or null.
    public @Nullable CheckpointFound newest() {
        Checkpoints.Checkpoint sound = newest;
        if (sound == null) {
            return null;
        }
        return checkpoints.stream()
                .filter(found -> found.number == sound.number())
                .findFirst()
                .orElse(null);
    }

    /// The slices of the newest sound checkpoint, in their order, each valid during its call.
    public void readNewest(Consumer<ByteBuffer> slices) throws IOException {
        if (newest != null) {
            stored.readSlices(newest, slices::accept);
        }
    }

    /// The numbers of the segments that are there.
    public SortedSet<Integer> segments() {
        return new TreeSet<>(segments.numbers());
    }

    /// A segment's length in bytes, or 0 if it is not there.
    public long segmentBytes(int number) {
        return segments.bytes(number);
    }

    /// What keeps a needed segment from being used, or null.
    public @Nullable Damage segmentDamage(int number) throws IOException {
        try {
            segments.requireHeader(number);
            return null;
        } catch (DamagedException damaged) {
            return damaged.damage();
        }
    }

    /// Whether the log file that holds `position` is there.
    public boolean holds(long position) {
        return fileAt(position) != null;
    }

    /// Whether the log file in which a log may end at `position` is there.
    public boolean holdsEnd(long position) {
        return fileAt(position - 1) != null;
    }

    /// The highest number of a log file, or -1.
    public long lastNumber() {
        return byNumber.isEmpty() ? -1 : byNumber.lastKey();
    }

    /// The lowest number of a log file that is missing behind `position`, or -1. A whole one whose
    /// number cannot be read may be it.
    public long missingAfter(long position) {
        long unread = files.stream().filter(file -> !file.hasNumber() && file.isPrepared()).count();
        long first = (position - 1) / format.fileBytes();
        return LogRing.firstMissing(byNumber.keySet(), first, lastNumber(), unread);
    }

    /// What a log that ends at `position` lacks there: bytes that its file or a later one had and
    /// has no more, or those that a checkpoint of that position knows of.
    public long missingAt(long position) {
        LogFile file = fileAt(position - 1);
        long missing = file == null ? 0 : position - file.base() - file.prepared();
        for (LogFile later : byNumber.tailMap((position - 1) / format.fileBytes()).values()) {
            int due = later.bytesDue(later.number() == lastNumber());
            missing = Math.max(missing, due - later.prepared());
        }
        return missing;
    }

    private @Nullable LogFile fileAt(long position) {
        return byNumber.get(position / format.fileBytes());
    }

    /// Tells `replay` of every good frame from `from` on and of the holes between them.
    public End walk(long from, SurveyReplay replay) throws IOException {
        long position = from;
        while (true) {
            FrameHeader header = frames.frameAt(position);
            if (header == null) {
                header = firstOfNextFile(position);
            }
            if (header == null) {
                header = nextAnywhere(position);
                if (header == null) {
                    return new End(position, frames.isClaimed(position));
                }
                replay.hole(holeBefore(header, position));
            }
            replay.epoch(header.epoch());
            frames.replay(header, replay);
            position = header.end();
        }
    }

    private long startAfter(long position) {
        long next = (position - 1) / format.fileBytes() + 1;
        return next * format.fileBytes() + LogFile.HEADER_BYTES;
    }

    private @Nullable FrameHeader firstOfNextFile(long position) throws IOException {
        FrameHeader header = frames.frameAt(startAfter(position));
        return header == null || header.previous() >= position ? null : header;
    }

    private @Nullable FrameHeader nextAnywhere(long position) throws IOException {
        for (Map.Entry<Long, LogFile> entry :
                byNumber.tailMap((position - 1) / format.fileBytes()).entrySet()) {
            LogFile file = entry.getValue();
            long start = Math.max(position, file.base() + LogFile.HEADER_BYTES);
            FrameHeader header = frames.firstFrom(file, start);
            if (header != null) {
                return header;
            }
        }
        return null;
    }

    /// A frame that was the first of its file leaves the end of the file before it looking bad.
    private SurveyReplay.Hole holeBefore(FrameHeader next, long position) throws IOException {
        long start = startAfter(position);
        boolean begins = next.previous() == start && !frames.isClaimed(position);
        long bad = begins ? start : position;
        return new SurveyReplay.Hole(bad, next.position(), next.previous() == bad);
    }

    /// The name of the file that a position lies in, or would lie in.
    public String fileOf(long position) {
        if (Positions.isInSegment(position)) {
            return Segments.nameOf(Positions.segmentOf(position));
        }
        LogFile file = fileAt(position);
        return file == null ? "log file number " + position / format.fileBytes() : file.name();
    }

    /// The offset in that file.
    public long offsetOf(long position) {
        return Positions.isInSegment(position)
                ? Positions.offsetOf(position)
                : position % format.fileBytes();
    }

    /// The bytes at `position`, or null if no file has them. Cheap for positions in ascending
    /// order.
    public byte @Nullable [] bytes(long position, int length) throws IOException {
        long end = windowBase + window.length;
        if (windowBase < 0 || position < windowBase || position + length > end) {
            int wanted = Math.max(length, WINDOW_BYTES);
            int there = (int) Math.min(wanted, roomAt(position));
            if (length <= 0 || there < length) {
                return null;
            }
            window = new byte[there];
            windowBase = position;
            read(ByteBuffer.wrap(window), position);
        }
        byte[] copy = new byte[length];
        System.arraycopy(window, (int) (position - windowBase), copy, 0, length);
        return copy;
    }

    /// How long the file is that a position lies in or would lie in, in bytes; 0 if it is gone.
    public long lengthOf(long position) {
        if (Positions.isInSegment(position)) {
            return segments.bytes(Positions.segmentOf(position));
        }
        LogFile file = fileAt(position);
        return file == null ? 0 : file.prepared();
    }

    private long roomAt(long position) {
        long offset = offsetOf(position);
        return offset < FrameHeader.BLOCK_BYTES ? 0 : lengthOf(position) - offset;
    }

    private void read(ByteBuffer target, long position) throws IOException {
        if (Positions.isInSegment(position)) {
            segments.read(target, Positions.segmentOf(position), Positions.offsetOf(position));
            return;
        }
        LogFile file = fileAt(position);
        if (file == null) {
            throw new EOFException("No file holds log position " + position);
        }
        file.readMedium(target, position);
    }

    @Override
    public void close() throws IOException {
        for (LogFile file : files) {
            file.close();
        }
        segments.close();
    }
}
