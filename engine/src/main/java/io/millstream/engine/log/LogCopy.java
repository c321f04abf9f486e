package io.millstream.engine.log;

import io.millstream.engine.position.Positions;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.LongPredicate;

/// The files of a directory as they would be had everything ended at one position of the log: a
/// checkpoint of that position, the log files that it needs up to there and nothing behind it, the
/// segments that it needs.
///
/// Of a log file in which nothing is needed only the header is there, because recovery counts the
/// files. Made by the loop; read by any thread, for as long as nobody frees those log files and
/// segments.
public final class LogCopy {
    private static final long FIRST = 1;

    /// Where [Checkpoints] stores the first one.
    private static final String CHECKPOINT = "checkpoint-b";

    private final LogBytes bytes;
    private final DirectoryFormat format;
    private final long position;
    private final Map<String, Long> positions = new HashMap<>();

    /// Of each log file, as a copy of its length has it.
    private final Map<String, ByteBuffer> headers = new HashMap<>();

    private final Queue<ByteBuffer> slices = new ArrayDeque<>();
    private @Nullable List<ByteBuffer> checkpoint;
    private final List<Part> parts = new ArrayList<>();

    /// A file.
    ///
    /// @param name in the directory
    /// @param bytes its length
    /// @param next the position from which on the parts after it need the log
    public record Part(String name, long bytes, long next) {}

    private LogCopy(Log log, long position) {
        this.bytes = log.bytes();
        this.format = log.ring().format();
        this.position = position;
    }

    /// The copy of `log` at `position`, its end; [#know] comes before it is read.
    ///
    /// @param from the position from which on the log holds something that is needed
    /// @param isNeeded whether that lies in the log file with a number
    /// @param segments those in which something lies that is needed
    public static LogCopy of(
            Log log, long position, long from, LongPredicate isNeeded, Set<Integer> segments) {
        LogCopy copy = new LogCopy(log, position);
        // The last file is there in any case: recovery goes on in it.
        long first = Math.min(from, position - 1);
        copy.parts.add(new Part(DirectoryFormat.FILE, copy.format.bytes().remaining(), first));
        // What the log holds comes first, because the ring may run short of it.
        for (LogFile file : log.ring().used()) {
            if (file.base() < position && file.base() + copy.format.fileBytes() > first) {
                copy.add(file, isNeeded.test(file.number()));
            }
        }
        for (int segment : segments) {
            String name = Segments.nameOf(segment);
            copy.parts.add(new Part(name, log.segments().bytes(segment), Long.MAX_VALUE));
            copy.positions.put(name, Positions.inSegment(segment, 0));
        }
        return copy;
    }

    /// Adds what is known at its position, in slices.
    public void know(Collection<ByteBuffer> state) {
        slices.addAll(state);
        parts.add(new Part(CHECKPOINT, Checkpoints.bytesOf(slices), Long.MAX_VALUE));
    }

    private void add(LogFile file, boolean isNeeded) {
        long end = Math.min(file.base() + file.prepared(), position);
        long next = file.base() + format.fileBytes();
        int length = isNeeded ? (int) (end - file.base()) : LogFile.HEADER_BYTES;
        parts.add(new Part(file.name(), length, next < position ? next : Long.MAX_VALUE));
        positions.put(file.name(), file.base());
        int part = length < format.fileBytes() ? length : 0;
        headers.put(file.name(), LogFile.header(file.number(), part, new Checksum(format.id())));
    }

    /// Everything before this is in it.
    public long position() {
        return position;
    }

    /// What kind of directory it is.
    public DirectoryFormat format() {
        return format;
    }

    /// The files, in the order in which they are to be written.
    public List<Part> parts() {
        return List.copyOf(parts);
    }

    /// Fills what remains of `target` from `offset` in a file. Blocks for the disk. One thread at a
    /// time.
    public void read(Part part, long offset, ByteBuffer target) throws IOException {
        switch (part.name()) {
            case DirectoryFormat.FILE -> copy(format.bytes(), offset, target);
            case CHECKPOINT -> copyOfCheckpoint(offset, target);
            default -> {
                Long start = positions.get(part.name());
                if (start == null) {
                    throw new IOException("There is no file " + part.name() + " in this copy");
                }
                long from = offset + copyHeader(headers.get(part.name()), offset, target);
                if (target.hasRemaining()) {
                    bytes.read(target, start + from);
                }
            }
        }
    }

    private void copyOfCheckpoint(long offset, ByteBuffer target) {
        long start = 0;
        long from = offset;
        for (ByteBuffer piece : checkpoint()) {
            long end = start + piece.limit();
            if (from < end && target.hasRemaining()) {
                int at = Math.toIntExact(from - start);
                int length = Math.min(target.remaining(), piece.limit() - at);
                target.put(piece.slice(at, length));
                from += length;
            }
            start = end;
        }
    }

    /// Made when it is asked for, because the loop has no time for checksums.
    private List<ByteBuffer> checkpoint() {
        List<ByteBuffer> made = checkpoint;
        if (made == null) {
            made = Checkpoints.pieces(format, FIRST, position, slices);
            checkpoint = made;
        }
        return made;
    }

    private static int copyHeader(@Nullable ByteBuffer header, long offset, ByteBuffer target) {
        if (header == null || offset >= header.capacity()) {
            return 0;
        }
        int length = Math.min(header.capacity() - (int) offset, target.remaining());
        target.put(header.slice((int) offset, length));
        return length;
    }

    private static void copy(ByteBuffer content, long offset, ByteBuffer target) {
        target.put(content.slice(Math.toIntExact(offset), target.remaining()));
    }
}
