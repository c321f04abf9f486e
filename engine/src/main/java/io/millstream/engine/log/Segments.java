package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.StoredFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// The second generation of the log: files of entries that outlived their log file. Each is written
/// once, synced, and deleted as a whole.
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
    private final Map<Integer, StoredFile> files = new ConcurrentHashMap<>();
    private final Map<Integer, Long> sizes = new ConcurrentHashMap<>();

    private Segments(Disk disk, DirectoryFormat format) {
        this.disk = disk;
        this.checksum = new Checksum(format.id());
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

    /// Begins a segment. It counts from [Writer#finish] on.
    public Writer create(int number) throws IOException {
        StoredFile file = disk.open(nameOf(number));
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

    /// Removes a segment that nothing needs.
    public void delete(int number) throws IOException {
        StoredFile file = files.get(number);
        if (file != null) {
            file.close();
            disk.delete(nameOf(number));
            files.remove(number);
            sizes.remove(number);
        }
    }

    void close() throws IOException {
        for (StoredFile file : files.values()) {
            file.close();
        }
    }

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

        /// Appends what remains of `bytes`.
        public void append(ByteBuffer bytes) throws IOException {
            long at = end;
            end += bytes.remaining();
            file.write(bytes, at);
        }

        /// Makes it survive a power cut; blocks for the disk. From now on it can be read.
        public void finish() throws IOException {
            file.write(header, 0);
            file.sync();
            disk.syncDirectory();
            sizes.put(number, end);
            files.put(number, file);
        }

        /// Gives it up and removes what there is of it.
        public void abandon() throws IOException {
            file.close();
            disk.delete(nameOf(number));
        }
    }
}
