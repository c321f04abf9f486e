package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.StoredFile;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// One file of the ring. It is filled with zeros ahead of its first use and from then on only
/// overwritten: recycling gives it a new number, which makes every frame in it a stranger.
///
/// ```
///   0       4       8        12       16               24               4096
///   +-------+-------+--------+--------+----------------+- - - - - - - - +--------
///   | magic | CRC   | format | part   | number         | zeros          | frames
///   | 4     | 4     | 4      | 4      | 8              |                |
///   +-------+-------+--------+--------+----------------+- - - - - - - - +--------
/// ```
///
/// The checksum covers the 16 bytes after it. A file has all its bytes before the next one gets its
/// number, but for copies, whose *part* says how many bytes they have; 0 stands for all.
final class LogFile {
    static final int HEADER_BYTES = FrameHeader.BLOCK_BYTES;

    /// The first file of a log has so many bytes, or is whole, when it gets its number.
    static final int FIRST_BYTES = 256 << 10;

    private static final String PREFIX = "log-";
    private static final int MAGIC = 0x4D53_4C46; // "MSLF"
    private static final int FORMAT = 1;
    private static final int COVERED_BYTES = 16;
    private static final long NONE = -1;

    private final String name;
    private final StoredFile file;
    private final int fileBytes;
    private final Checksum checksum;
    private volatile long number = NONE;
    private volatile int part;

    /// Whether its length is known to survive a power cut: a process that was killed may have left
    /// it in the cache only.
    private boolean lengthSynced;

    /// How many bytes it has, in whole blocks.
    private int length;

    /// How much of the file is filled and synced and may be written to.
    private volatile int prepared;

    private LogFile(String name, StoredFile file, int fileBytes, long directoryId) {
        this.name = name;
        this.file = file;
        this.fileBytes = fileBytes;
        this.checksum = new Checksum(directoryId);
    }

    static boolean isName(String name) {
        return name.startsWith(PREFIX);
    }

    static String nameOf(int slot) {
        return PREFIX + "%04d".formatted(slot);
    }

    /// Opens a file that is there, reading its number if its header is sound.
    static LogFile open(Disk disk, String name, DirectoryFormat format) throws IOException {
        LogFile log = new LogFile(name, disk.open(name), format.fileBytes(), format.id());
        try {
            log.length = (int) Math.min(log.file.size(), log.fileBytes) & -FrameHeader.BLOCK_BYTES;
            log.prepared = log.length;
            log.readHeader();
            return log;
        } catch (IOException failed) {
            log.close();
            throw failed;
        }
    }

    private void readHeader() throws IOException {
        ByteBuffer block = ByteBuffer.allocate(HEADER_BYTES);
        try {
            file.readMedium(block, 0);
        } catch (EOFException shorter) {
            return;
        }
        if (block.getInt(0) == MAGIC
                && block.getInt(4) == checksum.of(block, 8, COVERED_BYTES)
                && block.getInt(8) == FORMAT) {
            number = block.getLong(16);
            part = block.getInt(12);
        }
    }

    /// How many bytes it must have at least.
    ///
    /// @param isLast whether no file has a higher number
    int bytesDue(boolean isLast) {
        if (part > 0) {
            return part;
        }
        return isLast && number == 0 ? Math.min(FIRST_BYTES, fileBytes) : fileBytes;
    }

    /// Refuses a file that has been cut short.
    ///
    /// @param isLast whether no file has a higher number
    void requireWhole(boolean isLast) throws DamagedException {
        int due = bytesDue(isLast);
        if (length < due) {
            throw new DamagedException(name, length, shorterThan(due));
        }
    }

    static String shorterThan(int due) {
        return "it ends there, and had %d bytes".formatted(due);
    }

    String name() {
        return name;
    }

    /// Which stretch of the log it holds, or -1 if none.
    long number() {
        return number;
    }

    boolean hasNumber() {
        return number != NONE;
    }

    /// What it is taken for though its header does not say so; changes nothing on the disk.
    void assume(long other) {
        number = other;
    }

    /// Before it gets another number. One that has yet to grow loses it on the disk too: by the
    /// time it has grown, another file may have had that number.
    void forgetNumber() throws IOException {
        if (number != NONE && !isPrepared()) {
            file.write(ByteBuffer.allocateDirect(HEADER_BYTES), 0);
            file.sync();
        }
        number = NONE;
        part = 0;
    }

    int prepared() {
        return prepared;
    }

    boolean isPrepared() {
        return prepared == fileBytes;
    }

    /// Takes its bytes from `from` on for no more than a length: what was being filled when the
    /// power went may have holes, for which the disk has no room later.
    void distrustFrom(int from) {
        prepared = Math.min(prepared, from);
    }

    /// Whether it is a copy of a part, which grows no more: the log goes on in the next file.
    boolean isPart() {
        return part > 0;
    }

    /// The position of its first byte.
    long base() {
        return number * fileBytes;
    }

    /// Fills `bytes` more with zeros and syncs them.
    void prepare(int bytes) throws IOException {
        int from = prepared;
        int more = Math.min(bytes, fileBytes - from);
        file.write(ByteBuffer.allocateDirect(more), from);
        file.sync();
        lengthSynced = true;
        prepared = from + more;
        length = Math.max(length, prepared);
    }

    /// Gives it a number; what was in it is void from then on.
    void renumber(long newNumber) throws IOException {
        if (!lengthSynced) {
            // The header must not arrive before the length that it vouches for.
            file.sync();
            lengthSynced = true;
        }
        file.write(header(newNumber, 0, checksum), 0);
        file.sync();
        number = newNumber;
        part = 0;
    }

    /// The first block of a file with this number.
    ///
    /// @param part how many bytes the file has, or 0 for all
    static ByteBuffer header(long number, int part, Checksum checksum) {
        ByteBuffer block = ByteBuffer.allocateDirect(HEADER_BYTES);
        block.putInt(0, MAGIC);
        block.putInt(8, FORMAT);
        block.putInt(12, part);
        block.putLong(16, number);
        block.putInt(4, checksum.of(block, 8, COVERED_BYTES));
        return block;
    }

    /// Writes at a position of the log.
    void write(ByteBuffer bytes, long position) throws IOException {
        file.write(bytes, position - base());
    }

    void read(ByteBuffer target, long position) throws IOException {
        file.read(target, position - base());
    }

    void readMedium(ByteBuffer target, long position) throws IOException {
        file.readMedium(target, position - base());
    }

    /// As [#readMedium], for a file that may have no number.
    void readMediumAt(ByteBuffer target, int offset) throws IOException {
        file.readMedium(target, offset);
    }

    void sync() throws IOException {
        file.sync();
    }

    void close() throws IOException {
        file.close();
    }
}
