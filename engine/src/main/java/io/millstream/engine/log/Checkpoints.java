package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.StoredFile;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/// Whole states of the engine, each as of a position of the log, in two files that are overwritten
/// in turn: the newer sound one counts, and a crash while one is written leaves the other. A state
/// comes in slices, and is never in memory as a whole.
///
/// ```
///   0       4       8        12      16       24         32      4096
///   +-------+-------+--------+-------+--------+----------+- - - -+---------+---------+- -
///   | magic | CRC   | format | zeros | number | position | zeros | slice 0 | slice 1 |
///   | 4     | 4     | 4      | 4     | 8      | 8        |       |         |         |
///   +-------+-------+--------+-------+--------+----------+- - - -+---------+---------+- -
///
///   slice   +--------+-------+- - - - -+
///           | length | CRC   | items   |
///           | 4      | 4     |         |
///           +--------+-------+- - - - -+
/// ```
///
/// A slice of length 0 is the end mark. The header's checksum covers bytes 8 to 32. That of a slice
/// covers the checksum before it, its length and its items: so each proves that it follows the ones
/// before it, and what an earlier attempt left behind in the file proves nothing. Background thread
/// and recovery only.
public final class Checkpoints {
    private static final String[] FILES = {"checkpoint-a", "checkpoint-b"};
    private static final int MAGIC = 0x4D53_4350; // "MSCP"
    private static final int FORMAT = 2;
    private static final int HEADER_BYTES = FrameHeader.BLOCK_BYTES;
    private static final int COVERED_FROM = 8;
    private static final int COVERED_BYTES = 24;
    private static final int SLICE_HEADER_BYTES = 8;
    private static final int WINDOW_BYTES = 1 << 20;

    private final Disk disk;
    private final Checksum checksum;
    private final int stepBytes;
    private long number;

    /// The files whose names are known to survive a power cut.
    private final Set<String> named = new HashSet<>();

    /// What is being written, or null.
    private @Nullable StoredFile unfinished;

    /// One state.
    ///
    /// @param number counts the checkpoints of a directory
    /// @param position everything before it is in the state
    record Checkpoint(String file, long number, long position) {}

    /// Takes slices in their order.
    interface Slices {
        void take(ByteBuffer slice);
    }

    Checkpoints(Disk disk, DirectoryFormat format) {
        this.disk = disk;
        this.checksum = new Checksum(format.id());
        this.stepBytes = format.stepBytes();
    }

    /// Replays the newest sound checkpoint, or none if there is none.
    @Nullable Checkpoint replay(LogReplay replay) throws IOException {
        for (Checkpoint candidate : headed()) {
            replay.begin();
            if (readSlices(candidate, replay::slice)) {
                replay.checkpointed();
                number = candidate.number;
                return candidate;
            }
        }
        replay.begin();
        return null;
    }

    /// The names of checkpoint files that are there but not sound.
    List<String> unsound() throws IOException {
        List<String> names = new ArrayList<>(present());
        for (Checkpoint candidate : headed()) {
            if (readSlices(candidate, slice -> {})) {
                names.remove(candidate.file);
            }
        }
        return names;
    }

    private List<String> present() throws IOException {
        List<String> all = disk.list();
        return List.of(FILES).stream().filter(all::contains).toList();
    }

    /// How much is synced at once.
    public int stepBytes() {
        return stepBytes;
    }

    static boolean isName(String name) {
        return List.of(FILES).contains(name);
    }

    /// Those with a sound header, newest first.
    private List<Checkpoint> headed() throws IOException {
        List<Checkpoint> found = new ArrayList<>();
        for (String name : present()) {
            Checkpoint one = readSynced(name);
            if (one != null) {
                found.add(one);
            }
        }
        found.sort(Comparator.comparingLong(Checkpoint::number).reversed());
        return found;
    }

    private @Nullable Checkpoint readSynced(String name) throws IOException {
        try (StoredFile file = disk.open(name)) {
            // A process that was killed may have left it in the cache only. What is built on it
            // frees log files, so it has to survive a power cut first.
            file.sync();
        }
        return readHeader(name);
    }

    /// What the header of a file says, or null if it is not readable; changes nothing.
    @Nullable Checkpoint readHeader(String name) throws IOException {
        try (StoredFile file = disk.open(name)) {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            file.readMedium(header, 0);
            if (header.getInt(0) != MAGIC
                    || header.getInt(8) != FORMAT
                    || header.getInt(4) != checksum.of(header, COVERED_FROM, COVERED_BYTES)) {
                return null;
            }
            return new Checkpoint(name, header.getLong(16), header.getLong(24));
        } catch (EOFException torn) {
            return null;
        }
    }

    /// Whether all slices are there, up to the end mark; those before the first bad one are taken.
    boolean readSlices(Checkpoint checkpoint, Slices slices) throws IOException {
        try (StoredFile file = disk.open(checkpoint.file)) {
            Window window = new Window(file);
            int previous = checksumOf(headerOf(checksum, checkpoint.number, checkpoint.position));
            while (true) {
                int length = window.next(SLICE_HEADER_BYTES).getInt(0);
                if (length < 0 || length > window.room()) {
                    return false;
                }
                ByteBuffer slice = window.next(SLICE_HEADER_BYTES + length);
                int sum = slice.getInt(4);
                if (sum != checksumOf(checksum, slice, previous)) {
                    return false;
                }
                if (length == 0) {
                    return true;
                }
                slices.take(slice.slice(SLICE_HEADER_BYTES, length));
                window.skip(SLICE_HEADER_BYTES + length);
                previous = sum;
            }
        } catch (EOFException torn) {
            return false;
        }
    }

    /// The checksum of a slice whose place for it is at byte 4, after the one before it.
    private static int checksumOf(Checksum checksum, ByteBuffer slice, int previous) {
        int own = slice.getInt(4);
        slice.putInt(4, previous);
        int sum = checksum.of(slice, 0, slice.limit());
        slice.putInt(4, own);
        return sum;
    }

    /// The one that is in a header or before a slice.
    private static int checksumOf(ByteBuffer piece) {
        return piece.getInt(4);
    }

    private static ByteBuffer headerOf(Checksum checksum, long number, long position) {
        ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES);
        header.putInt(0, MAGIC);
        header.putInt(8, FORMAT);
        header.putLong(16, number);
        header.putLong(24, position);
        header.putInt(4, checksum.of(header, COVERED_FROM, COVERED_BYTES));
        return header;
    }

    /// Reads on through the slices of a file, about a mebibyte at a time.
    private static final class Window {
        private final StoredFile file;
        private final long size;
        private ByteBuffer bytes = ByteBuffer.allocate(0);
        private long base = HEADER_BYTES;
        private int at;

        Window(StoredFile file) throws IOException {
            this.file = file;
            this.size = file.size();
        }

        /// How many bytes may follow the header of the next slice.
        long room() {
            return size - base - at - SLICE_HEADER_BYTES;
        }

        ByteBuffer next(int length) throws IOException {
            if (at + length > bytes.limit()) {
                base += at;
                at = 0;
                int wanted = (int) Math.min(size - base, Math.max(WINDOW_BYTES, length));
                if (wanted < length) {
                    throw new EOFException();
                }
                bytes = ByteBuffer.allocate(wanted);
                file.readMedium(bytes, base);
                bytes.flip();
            }
            return bytes.slice(at, length);
        }

        void skip(int length) {
            at += length;
        }
    }

    /// The file in which the checkpoint with this number is stored.
    static String nameOf(long number) {
        return FILES[(int) (number % FILES.length)];
    }

    /// How long that file is with these slices.
    static long bytesOf(Iterable<ByteBuffer> slices) {
        long bytes = HEADER_BYTES + SLICE_HEADER_BYTES;
        for (ByteBuffer slice : slices) {
            bytes += SLICE_HEADER_BYTES + slice.remaining();
        }
        return bytes;
    }

    /// What is in that file, piece by piece; takes the slices out of their queue, so that nothing
    /// is there twice.
    static List<ByteBuffer> pieces(
            DirectoryFormat format, long number, long position, Queue<ByteBuffer> slices) {
        Checksum checksum = new Checksum(format.id());
        List<ByteBuffer> pieces = new ArrayList<>();
        ByteBuffer last = headerOf(checksum, number, position);
        pieces.add(last);
        for (ByteBuffer slice = slices.poll(); slice != null; slice = slices.poll()) {
            last = framed(checksum, slice, checksumOf(last));
            pieces.add(last);
        }
        pieces.add(framed(checksum, ByteBuffer.allocate(0), checksumOf(last)));
        return pieces;
    }

    /// A slice after its length and its checksum.
    private static ByteBuffer framed(Checksum checksum, ByteBuffer slice, int previous) {
        int length = slice.remaining();
        ByteBuffer all = ByteBuffer.allocate(SLICE_HEADER_BYTES + length);
        all.putInt(0, length);
        all.put(SLICE_HEADER_BYTES, slice, slice.position(), length);
        all.putInt(4, checksumOf(checksum, all, previous));
        return all;
    }

    /// Begins to store the state as of `position` in place of the older checkpoint. It counts from
    /// [Writer#finish] on. Blocks for the disk.
    ///
    /// @throws io.millstream.engine.io.DiskFullException if it needs more room than there is, as
    ///   the writer does; the newer checkpoint stays
    public Writer begin(long position) throws IOException {
        long next = number + 1;
        String name = nameOf(next);
        StoredFile file = disk.open(name);
        unfinished = file;
        try {
            return new Writer(name, file, next, position);
        } catch (IOException failed) {
            close();
            throw failed;
        }
    }

    /// Closes what is being written.
    void close() throws IOException {
        StoredFile file = unfinished;
        unfinished = null;
        if (file != null) {
            file.close();
        }
    }

    /// Writes one checkpoint.
    public final class Writer {
        private final String name;
        private final StoredFile file;
        private final long itsNumber;
        private long end = HEADER_BYTES;
        private long synced;
        private int previous;

        private Writer(String name, StoredFile file, long itsNumber, long position)
                throws IOException {
            this.name = name;
            this.file = file;
            this.itsNumber = itsNumber;
            ByteBuffer header = headerOf(checksum, itsNumber, position);
            this.previous = checksumOf(header);
            file.write(header, 0);
        }

        /// Appends what remains of a slice, which is something.
        public void append(ByteBuffer slice) throws IOException {
            write(slice);
            if (end - synced >= stepBytes) {
                file.sync();
                synced = end;
            }
        }

        private void write(ByteBuffer slice) throws IOException {
            ByteBuffer all = framed(checksum, slice, previous);
            previous = checksumOf(all);
            file.write(all, end);
            end += all.limit();
        }

        /// Writes the end mark and syncs it: this is the newest checkpoint now.
        public void finish() throws IOException {
            write(ByteBuffer.allocate(0));
            file.sync();
            close();
            if (named.add(name)) {
                // It may have been made just now, or by an attempt that failed for want of room.
                disk.syncDirectory();
            }
            number = itsNumber;
        }

        /// Gives it up.
        public void abandon() throws IOException {
            close();
        }
    }
}
