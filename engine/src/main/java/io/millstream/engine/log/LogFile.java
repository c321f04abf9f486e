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
///   | magic | CRC   | format | zero   | number         | zeros          | frames
///   | 4     | 4     | 4      | 4      | 8              |                |
///   +-------+-------+--------+--------+----------------+- - - - - - - - +--------
/// ```
///
/// The checksum covers the 16 bytes after it.
final class LogFile {
    static final int HEADER_BYTES = FrameHeader.BLOCK_BYTES;

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
            log.prepared =
                    (int) Math.min(log.file.size(), log.fileBytes) & -FrameHeader.BLOCK_BYTES;
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
        }
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
    }

    int prepared() {
        return prepared;
    }

    boolean isPrepared() {
        return prepared == fileBytes;
    }

    /// The position of its first byte.
    long base() {
        return number * fileBytes;
    }

    /// Fills `bytes` more with zeros and syncs them.
    void prepare(int bytes) throws IOException {
        int from = prepared;
        int length = Math.min(bytes, fileBytes - from);
        file.write(ByteBuffer.allocateDirect(length), from);
        file.sync();
        prepared = from + length;
    }

    /// Gives it a number; what was in it is void from then on.
    void renumber(long newNumber) throws IOException {
        file.write(header(newNumber, checksum), 0);
        file.sync();
        number = newNumber;
    }

    static ByteBuffer header(long number, Checksum checksum) {
        ByteBuffer block = ByteBuffer.allocateDirect(HEADER_BYTES);
        block.putInt(0, MAGIC);
        block.putInt(8, FORMAT);
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
