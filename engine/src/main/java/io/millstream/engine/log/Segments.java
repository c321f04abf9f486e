package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.StoredFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// The second generation of the log: files of entries that outlived their log file. Each is written
/// once, synced step by step, and goes as a whole when nothing needs it, cut shorter step by step.
///
/// ```
///   0       4       8        12       16       4096
///   +-------+-------+--------+--------+- - - -+---------
///   | magic | CRC   | format | number | zeros | entries
///   | 4     | 4     | 4      | 4      |       |
///   +-------+-------+--------+--------+- - - -+---------
/// ```
///
/// The checksum covers the eight bytes after it; entries are framed as in the log and carry
/// checksums of their own. What a segment holds, and where, is said by entries of the log that come
/// after its sync. Reading is for any thread, the rest for the background's.
public final class Segments {
    static final int HEADER_BYTES = FrameHeader.BLOCK_BYTES;

    private static final String PREFIX = "segment-";
    private static final int MAGIC = 0x4D53_5347; // "MSSG"
    private static final int FORMAT = 1;

    private final Disk disk;
    private final Checksum checksum;
    private final int stepBytes;
    private final Map<Integer, StoredFile> files = new ConcurrentHashMap<>();
    private final Map<Integer, Long> sizes = new ConcurrentHashMap<>();

    /// What is being written, or null.
    private @Nullable StoredFile unfinished;

    /// What is being deleted, and how many bytes of it are left.
    private final Map<Integer, Doomed> doomed = new HashMap<>();

    private Segments(Disk disk, DirectoryFormat format) {
        this.disk = disk;
        this.checksum = new Checksum(format.id());
        this.stepBytes = format.stepBytes();
    }

    static Segments open(Disk disk, DirectoryFormat format) throws IOException {
        Segments segments = new Segments(disk, format);
        for (String name : disk.list()) {
            if (name.startsWith(PREFIX)) {
                int number = Integer.parseInt(name.substring(PREFIX.length()));
                StoredFile file = disk.open(name);
                segments.files.put(number, file);
                segments.sizes.put(number, file.size());
            }
        }
        return segments;
    }

    /// The name of a segment's file.
    public static String nameOf(int number) {
        return PREFIX + "%08d".formatted(number);
    }

    /// The numbers of those that are there.
    public Set<Integer> numbers() {
        return new TreeSet<>(files.keySet());
    }

    /// A segment's length in bytes, or 0 if it is not there.
    public long bytes(int number) {
        return sizes.getOrDefault(number, 0L);
    }

    /// Refuses a segment that is missing, that ends before `end`, or that is not what its name
    /// says.
    ///
    /// @param end up to where it is needed, in bytes
    /// @throws DamagedException naming it
    void require(int number, long end) throws IOException {
        long bytes = bytes(number);
        if (files.containsKey(number) && bytes < end) {
            throw new DamagedException(
                    nameOf(number),
                    bytes,
                    "it ends there, and what is kept in it needs it up to byte " + end);
        }
        requireHeader(number);
    }

    /// Refuses a segment that is missing or is not what its name says.
    ///
    /// @throws DamagedException naming it
    void requireHeader(int number) throws IOException {
        StoredFile file = files.get(number);
        if (file == null || bytes(number) < HEADER_BYTES) {
            throw new DamagedException(
                    nameOf(number), 0, "unsettled messages need it and it is gone");
        }
        ByteBuffer block = ByteBuffer.allocate(HEADER_BYTES);
        file.readMedium(block, 0);
        if (block.getInt(0) != MAGIC
                || block.getInt(4) != checksum.of(block, 8, 8)
                || block.getInt(8) != FORMAT
                || block.getInt(12) != number) {
            throw new DamagedException(nameOf(number), 0, "its header is not readable");
        }
    }

    /// Fills `target` from `offset` in a segment.
    public void read(ByteBuffer target, int number, long offset) throws IOException {
        StoredFile file = files.get(number);
        if (file == null) {
            throw new DamagedException(nameOf(number), offset, "unsettled messages need it");
        }
        file.read(target, offset);
    }

    /// Begins a segment, the only one that is being written. It counts from [Writer#finish] on.
    public Writer create(int number) throws IOException {
        StoredFile file = disk.open(nameOf(number));
        unfinished = file;
        file.truncate(0);
        return new Writer(number, file, header(number, checksum));
    }

    static ByteBuffer header(int number, Checksum checksum) {
        ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES);
        header.putInt(0, MAGIC);
        header.putInt(8, FORMAT);
        header.putInt(12, number);
        header.putInt(4, checksum.of(header, 8, 8));
        return header;
    }

    /// Goes on deleting a segment that nothing needs; from the first call on it cannot be read.
    ///
    /// It is cut shorter and shorter: a file system that tells its device what has become free
    /// (`discard`) keeps the log's syncs waiting for 40 ms if that is all of a segment.
    ///
    /// @return whether it is gone
    public boolean deleteSome(int number) throws IOException {
        StoredFile file = files.remove(number);
        if (file != null) {
            doomed.put(number, new Doomed(file, Objects.requireNonNull(sizes.remove(number))));
        }
        Doomed rest = doomed.get(number);
        if (rest != null && rest.bytes > stepBytes) {
            long shorter = rest.bytes - stepBytes;
            rest.file.truncate(shorter);
            doomed.put(number, new Doomed(rest.file, shorter));
            return false;
        }
        if (rest != null) {
            rest.file.close();
            disk.delete(nameOf(number));
            doomed.remove(number);
        }
        return true;
    }

    /// Removes a segment that nothing needs at once, before anything else runs.
    void delete(int number) throws IOException {
        StoredFile file = files.remove(number);
        if (file != null) {
            sizes.remove(number);
            file.close();
            disk.delete(nameOf(number));
        }
    }

    void close() throws IOException {
        for (StoredFile file : files.values()) {
            file.close();
        }
        for (Doomed rest : doomed.values()) {
            rest.file.close();
        }
        if (unfinished != null) {
            unfinished.close();
        }
    }

    private record Doomed(StoredFile file, long bytes) {}

    /// Writes one segment.
    public final class Writer {
        private final int number;
        private final StoredFile file;
        private final ByteBuffer header;
        private long end = HEADER_BYTES;

        private Writer(int number, StoredFile file, ByteBuffer header) {
            this.number = number;
            this.file = file;
            this.header = header;
        }

        /// Which segment it is.
        public int number() {
            return number;
        }

        /// Where the next bytes will lie.
        public long end() {
            return end;
        }

        /// Appends what remains of `bytes`; blocks until the disk has it, so that [#finish] does
        /// not have to sync a whole segment at once.
        public void append(ByteBuffer bytes) throws IOException {
            long at = end;
            end += bytes.remaining();
            file.write(bytes, at);
            file.sync();
        }

        /// Makes it survive a power cut; blocks for the disk. From now on it can be read.
        public void finish() throws IOException {
            file.write(header, 0);
            file.sync();
            disk.syncDirectory();
            unfinished = null;
            sizes.put(number, end);
            files.put(number, file);
        }

        /// Gives it up and removes what there is of it.
        public void abandon() throws IOException {
            unfinished = null;
            file.close();
            disk.delete(nameOf(number));
        }
    }
}
