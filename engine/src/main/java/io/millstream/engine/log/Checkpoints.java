package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.StoredFile;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Whole states of the engine, each as of a position of the log, in two files that are overwritten
/// in turn: the newer sound one counts, and a crash while one is written leaves the other.
///
/// ```
///   0       4       8        12       16       24         32       40      4096
///   +-------+-------+--------+--------+--------+----------+--------+- - - -+--------
///   | magic | CRC   | format | CRC of | number | position | length | zeros | state
///   | 4     | 4     | 4      | state  | 8      | 8        | 8      |       |
///   +-------+-------+--------+--------+--------+----------+--------+- - - -+--------
/// ```
///
/// The first checksum covers bytes 8 to 40. Background thread and recovery only.
public final class Checkpoints {
    private static final String[] FILES = {"checkpoint-a", "checkpoint-b"};
    private static final int MAGIC = 0x4D53_4350; // "MSCP"
    private static final int FORMAT = 1;
    private static final int HEADER_BYTES = FrameHeader.BLOCK_BYTES;
    private static final int COVERED_FROM = 8;
    private static final int COVERED_BYTES = 32;

    private final Disk disk;
    private final Checksum checksum;
    private long number;

    /// The files whose names are known to survive a power cut.
    private final Set<String> named = new HashSet<>();

    /// One state.
    ///
    /// @param number counts the checkpoints of a directory
    /// @param position everything before it is in the state
    /// @param state its bytes
    public record Checkpoint(long number, long position, ByteBuffer state) {}

    Checkpoints(Disk disk, DirectoryFormat format) {
        this.disk = disk;
        this.checksum = new Checksum(format.id());
    }

    /// The newest sound checkpoint, or null if there is none.
    @Nullable Checkpoint newest() throws IOException {
        Checkpoint newest = null;
        for (String name : present()) {
            Checkpoint found = read(name);
            if (found != null && (newest == null || found.number > newest.number)) {
                newest = found;
            }
        }
        if (newest != null) {
            number = newest.number;
        }
        return newest;
    }

    /// The names of checkpoint files that are there but not sound.
    List<String> unsound() throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : present()) {
            if (read(name) == null) {
                names.add(name);
            }
        }
        return names;
    }

    private List<String> present() throws IOException {
        List<String> all = disk.list();
        return List.of(FILES).stream().filter(all::contains).toList();
    }

    /// Stores a state in place of the older checkpoint and syncs it. Blocks for the disk.
    ///
    /// @throws io.millstream.engine.io.DiskFullException if it needs more room than there is; the
    ///   newer checkpoint stays
    public void store(long position, ByteBuffer state) throws IOException {
        long next = number + 1;
        String name = nameOf(next);
        ByteBuffer header = header(checksum, next, position, state);
        try (StoredFile file = disk.open(name)) {
            file.write(state.duplicate(), HEADER_BYTES);
            file.write(header, 0);
            file.sync();
        }
        if (named.add(name)) {
            // It may have been made just now, or by an attempt that failed for want of room.
            disk.syncDirectory();
        }
        number = next;
    }

    static boolean isName(String name) {
        return List.of(FILES).contains(name);
    }

    static ByteBuffer header(Checksum checksum, long number, long position, ByteBuffer state) {
        int length = state.remaining();
        ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES);
        header.putInt(0, MAGIC);
        header.putInt(8, FORMAT);
        header.putInt(12, checksum.of(state, state.position(), length));
        header.putLong(16, number);
        header.putLong(24, position);
        header.putLong(32, length);
        header.putInt(4, checksum.of(header, COVERED_FROM, COVERED_BYTES));
        return header;
    }

    /// The file in which the checkpoint with this number is stored.
    static String nameOf(long number) {
        return FILES[(int) (number % FILES.length)];
    }

    /// How long that file is.
    static long bytesOf(ByteBuffer state) {
        return (long) HEADER_BYTES + state.remaining();
    }

    /// What is in that file.
    static ByteBuffer bytes(DirectoryFormat format, long number, long position, ByteBuffer state) {
        ByteBuffer header = header(new Checksum(format.id()), number, position, state);
        return ByteBuffer.allocate(HEADER_BYTES + state.remaining())
                .put(header)
                .put(state.duplicate())
                .flip();
    }

    private @Nullable Checkpoint read(String name) throws IOException {
        try (StoredFile file = disk.open(name)) {
            // A process that was killed may have left it in the cache only. What is built on it
            // frees log files, so it has to survive a power cut first.
            file.sync();
            return read(file, name, checksum);
        } catch (EOFException | DamagedException torn) {
            return null;
        }
    }

    /// What a file holds; changes nothing.
    ///
    /// @throws DamagedException if it is not what was written
    static Checkpoint read(StoredFile file, String name, Checksum checksum) throws IOException {
        if (file.size() < HEADER_BYTES) {
            throw new DamagedException(name, file.size(), "it ends inside its header");
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        file.readMedium(header, 0);
        long length = header.getLong(32);
        if (header.getInt(0) != MAGIC
                || header.getInt(8) != FORMAT
                || header.getInt(4) != checksum.of(header, COVERED_FROM, COVERED_BYTES)) {
            throw new DamagedException(name, 0, "its header is not readable");
        }
        if (length > file.size() - HEADER_BYTES) {
            throw new DamagedException(name, file.size(), "it ends inside its state");
        }
        ByteBuffer state = ByteBuffer.allocate(Math.toIntExact(length));
        file.readMedium(state, HEADER_BYTES);
        if (header.getInt(12) != checksum.of(state, 0, state.capacity())) {
            throw new DamagedException(name, HEADER_BYTES, "the state's checksum is wrong");
        }
        return new Checkpoint(header.getLong(16), header.getLong(24), state.rewind());
    }
}
