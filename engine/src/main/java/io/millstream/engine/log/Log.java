package io.millstream.engine.log;

import io.millstream.engine.io.Disk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;

/// The log of one directory: what it is made of, opened and recovered.
public final class Log {
    private static final int MESSAGE_BYTES_MAX = 16 << 20;
    private static final long RESERVE_BYTES_MAX = 4L << 20;
    private static final int RESERVE_PARTS = 32;

    private final Disk disk;
    private final LogRing ring;
    private final Segments segments;
    private final LogBytes bytes;
    private final Checkpoints checkpoints;
    private final LogAppender appender;
    private final LogWriter writer;
    private final long checkpointed;

    /// How a log is laid out.
    ///
    /// @param fileBytes the size of a log file; counts when the directory is made
    /// @param filesMax how many files there may be
    /// @param tailChunkBytes the memory for the end of the log comes in chunks of this size
    /// @param tailBytes how much of the end of the log is kept in memory
    public record Settings(int fileBytes, int filesMax, int tailChunkBytes, long tailBytes) {

        /// The same with so many files at most.
        public Settings withFilesMax(int files) {
            return new Settings(fileBytes, files, tailChunkBytes, tailBytes);
        }

        /// The same with other memory for the end of the log.
        public Settings withTail(int chunkBytes, long bytes) {
            return new Settings(fileBytes, filesMax, chunkBytes, bytes);
        }
    }

    private Log(
            Disk disk,
            LogRing ring,
            Segments segments,
            LogBytes bytes,
            Checkpoints checkpoints,
            LogAppender appender,
            LogWriter writer,
            long checkpointed) {
        this.disk = disk;
        this.ring = ring;
        this.segments = segments;
        this.bytes = bytes;
        this.checkpoints = checkpoints;
        this.appender = appender;
        this.writer = writer;
        this.checkpointed = checkpointed;
    }

    /// Opens the log in `disk`, making it if the directory is empty. Blocks while it reads what
    /// came after the newest checkpoint.
    ///
    /// @param replays makes the receiver of what the log holds once its file size is known
    /// @throws DamagedException if acknowledged data is not what was written
    public static Log open(Disk disk, Settings settings, ReplayFactory replays) throws IOException {
        DirectoryFormat fresh =
                new DirectoryFormat(new SecureRandom().nextLong(), settings.fileBytes());
        DirectoryFormat format = DirectoryFormat.readOrBegin(disk, fresh);
        LogReplay replay = replays.make(format.fileBytes());
        // A process that was killed may have made files whose names are in the cache only.
        disk.syncDirectory();
        LogRing ring = LogRing.open(disk, format, settings.filesMax());
        try {
            return open(disk, settings, format, ring, replay);
        } catch (IOException | RuntimeException failed) {
            ring.close();
            throw failed;
        }
    }

    private static Log open(
            Disk disk, Settings settings, DirectoryFormat format, LogRing ring, LogReplay replay)
            throws IOException {
        Checkpoints checkpoints = new Checkpoints(disk, format);
        Checkpoints.Checkpoint newest = checkpoints.replay(replay);
        boolean settled = DirectoryFormat.isSettled(disk);
        LogScan.End end = recover(ring, checkpoints, newest, settled, replay);
        if (!settled) {
            DirectoryFormat.settle(disk);
        }
        Segments segments = Segments.open(disk, format);
        LogBytes bytes = new LogBytes(ring, segments);
        TailBuffer tail = new TailBuffer(settings.tailChunkBytes(), settings.tailBytes());
        LogFile last = lastFile(ring, end.position());
        LogAppender appender =
                new LogAppender(ring, last, end.position(), end.previous(), tail, bytes);
        LogWriter writer = new LogWriter(format, end.position());
        long checkpointed = newest == null ? 0 : newest.position();
        return new Log(disk, ring, segments, bytes, checkpoints, appender, writer, checkpointed);
    }

    /// Whether a file of this name is a part of the log.
    public static boolean isFile(String name) {
        return LogFile.isName(name);
    }

    /// Makes the receiver of a log's content.
    public interface ReplayFactory {
        /// The receiver of what a log with files of `fileBytes` holds.
        LogReplay make(int fileBytes);
    }

    private static LogScan.End recover(
            LogRing ring,
            Checkpoints checkpoints,
            Checkpoints.@Nullable Checkpoint newest,
            boolean settled,
            LogReplay replay)
            throws IOException {
        if (newest == null && ring.used().isEmpty()) {
            if (settled) {
                throw lostAll(ring, checkpoints);
            }
            ring.start();
            return new LogScan.End(LogFile.HEADER_BYTES, -1);
        }
        long from = newest == null ? LogFile.HEADER_BYTES : newest.position();
        if (ring.fileBefore(from) == null) {
            throw lost(checkpoints, from);
        }
        ring.requireWholeFrom(from - 1);
        ring.requireReaches(from);
        LogScan.End end = new LogScan(ring).scan(from, replay);
        ring.requireNoneMissingAfter(end.position());
        for (LogFile file : ring.used()) {
            // What a killed process wrote may be in the cache only: a power cut would take it back
            // after it had been shown to somebody.
            file.sync();
        }
        ring.usedUpTo(end.position());
        return end;
    }

    /// A file without a number is one that was being made or recycled, unless all of them are.
    private static DamagedException lostAll(LogRing ring, Checkpoints checkpoints)
            throws IOException {
        if (!checkpoints.unsound().isEmpty()) {
            return lost(checkpoints, 0);
        }
        return ring.unnumbered().isEmpty()
                ? new DamagedException(LogFile.nameOf(0), 0, "it is missing")
                : new DamagedException(
                        ring.unnumbered().iterator().next().name(),
                        0,
                        "no log file has a readable header");
    }

    private static DamagedException lost(Checkpoints checkpoints, long from) throws IOException {
        List<String> unsound = checkpoints.unsound();
        return unsound.isEmpty()
                ? new DamagedException(
                        LogFile.nameOf(0), 0, "no log file holds log position %d".formatted(from))
                : new DamagedException(
                        unsound.getFirst(),
                        0,
                        "the checkpoint is not readable and the log before it is gone");
    }

    private static LogFile lastFile(LogRing ring, long position) throws IOException {
        LogFile file = ring.fileBefore(position);
        if (file != null) {
            return file;
        }
        throw new IOException("No file holds log position " + position);
    }

    /// Refuses to go on without the log from `position` on and these segments, and drops other
    /// segments: they were being made, or about to be deleted.
    ///
    /// @param needed the segments, and up to which byte each is needed
    /// @throws DamagedException naming what is missing, too short or unreadable
    public void require(long position, Map<Integer, Long> needed) throws IOException {
        ring.requireFrom(position);
        for (Map.Entry<Integer, Long> segment : needed.entrySet()) {
            segments.require(segment.getKey(), segment.getValue());
        }
        for (int segment : segments.numbers()) {
            if (!needed.containsKey(segment)) {
                segments.delete(segment);
            }
        }
    }

    /// The second generation.
    public Segments segments() {
        return segments;
    }

    /// What reads from both generations.
    public LogBytes bytes() {
        return bytes;
    }

    /// The position of the checkpoint that it was opened from, or 0.
    public long checkpointed() {
        return checkpointed;
    }

    /// The files.
    public LogRing ring() {
        return ring;
    }

    /// The states stored beside the log.
    public Checkpoints checkpoints() {
        return checkpoints;
    }

    /// The end of the log.
    public LogAppender appender() {
        return appender;
    }

    /// What brings frames to the disk.
    public LogWriter writer() {
        return writer;
    }

    /// How much room is kept for the entries that free files: a small part of the ring.
    public long reserveBytes() {
        return Math.min(RESERVE_BYTES_MAX, ring.capacityBytes() / RESERVE_PARTS);
    }

    /// How many bytes the disk has left.
    public long freeBytes() throws IOException {
        return disk.freeBytes();
    }

    /// The largest commit in bytes: half a file, because it lies in one frame and a frame in one
    /// file.
    public long commitBytesMax() {
        return ring.format().fileBytes() / 2;
    }

    /// The largest message in bytes: half a commit, and 16 MiB at most.
    public long messageBytesMax() {
        return Math.min(MESSAGE_BYTES_MAX, commitBytesMax() / 2);
    }

    /// Seals the open frame and hands it to the writer, which must be idle.
    ///
    /// @return the end of the frame
    public long seal(long now, int epoch) {
        SealedFrame frame = appender.seal(writer.durable(), now, epoch);
        writer.submit(frame);
        return frame.end();
    }

    /// Closes the files. The writer must be done.
    public void close() throws IOException {
        ring.close();
        segments.close();
        checkpoints.close();
    }
}
