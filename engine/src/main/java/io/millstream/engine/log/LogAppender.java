package io.millstream.engine.log;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Builds frames at the end of the log. The loop's own.
///
/// A frame is open from its first entry until it is sealed; only then is its length known. Room is
/// asked for before, so that the entries of one commit are never divided and no frame crosses the
/// end of a file.
public final class LogAppender {
    /// The most bytes of a frame that holds more than one commit.
    public static final int FRAME_BYTES_MAX = 1 << 20;

    /// Memory for less than this is not worth a frame of its own.
    private static final int FRAME_BYTES_LEAST = 64 << 10;

    private static final int LENGTH_BYTES_MAX = 5;

    private final LogRing ring;
    private final TailBuffer tail;
    private final ColdReader cold;
    private LogFile file;
    private long position;
    private long previous;

    private @Nullable ByteBuffer open;
    private int payload;

    /// Continues at `position`, in the ring's last file, after the frame at `previous`.
    LogAppender(
            LogRing ring,
            LogFile file,
            long position,
            long previous,
            TailBuffer tail,
            LogBytes bytes) {
        this.ring = ring;
        this.tail = tail;
        this.cold = new ColdReader(bytes);
        this.file = file;
        this.position = position;
        this.previous = previous;
    }

    /// Where the open frame begins, or the next one will.
    public long position() {
        return position;
    }

    /// Whether there is an open frame.
    public boolean isOpen() {
        return open != null;
    }

    /// How many bytes the open frame's entries have.
    public int payloadBytes() {
        return payload;
    }

    /// Whether the open frame has room for `bytes` more bytes of `entries` entries.
    public boolean fits(int bytes, int entries) {
        ByteBuffer frame = open;
        int needed = needed(bytes, entries);
        return frame != null
                && payload + needed <= frame.capacity() - FrameHeader.BYTES
                && (payload == 0 || payload + needed <= FRAME_BYTES_MAX);
    }

    /// How many bytes there are for entries before the ring is used up, to the next file's end at
    /// least.
    public long roomBytes() {
        return ring.readyBytes() + Math.max(0, roomInFile());
    }

    private int roomInFile() {
        return file.prepared() - (int) (position - file.base());
    }

    /// Opens a frame with room for `bytes` bytes of `entries` entries.
    ///
    /// @param durable the position before which everything is durable
    /// @return false if no file with so much room is ready
    public boolean open(int bytes, int entries, long durable) {
        int needed = FrameHeader.roundUp(FrameHeader.BYTES + needed(bytes, entries));
        if (roomInFile() < needed && !nextFile(needed)) {
            return false;
        }
        int wanted = Math.max(needed, FrameHeader.roundUp(FrameHeader.BYTES + FRAME_BYTES_MAX));
        ByteBuffer space = tail.reserve(position, Math.max(needed, FRAME_BYTES_LEAST), durable);
        int capacity = Math.min(space.capacity(), Math.min(wanted, roomInFile()));
        open = space.limit(capacity & -FrameHeader.BLOCK_BYTES).slice();
        payload = 0;
        return true;
    }

    private boolean nextFile(int needed) {
        boolean whole = file.isPrepared() || file.isPart();
        if (!whole || needed > ring.format().fileBytes() - LogFile.HEADER_BYTES) {
            return false;
        }
        LogFile next = ring.next();
        if (next == null) {
            return false;
        }
        file = next;
        position = next.base() + LogFile.HEADER_BYTES;
        return true;
    }

    /// Adds an entry to the open frame, which must have room.
    ///
    /// @return the position of the entry's length, which comes before its bytes
    public long append(ByteBuffer entry) {
        ByteBuffer frame = open;
        if (frame == null) {
            throw new IllegalStateException("No frame is open");
        }
        long start = position + FrameHeader.BYTES + payload;
        int at = FrameHeader.BYTES + payload;
        int length = entry.remaining();
        int rest = length;
        while (rest >= 0x80) {
            frame.put(at++, (byte) (rest | 0x80));
            rest >>>= 7;
        }
        frame.put(at++, (byte) rest);
        frame.put(at, entry, entry.position(), length);
        payload = at + length - FrameHeader.BYTES;
        return start;
    }

    /// How many bytes an entry of `bytes` bytes takes with its length.
    public static int framedBytes(int bytes) {
        int length = bytes + 1;
        for (int rest = bytes >>> 7; rest != 0; rest >>>= 7) {
            length++;
        }
        return length;
    }

    /// Closes the open frame.
    ///
    /// @return what is to be written
    SealedFrame seal(long durable, long now, int epoch) {
        ByteBuffer frame = open;
        if (frame == null) {
            throw new IllegalStateException("No frame is open");
        }
        FrameHeader header = new FrameHeader(position, previous, durable, now, epoch, payload);
        header.write(frame);
        int bytes = FrameHeader.frameBytes(payload);
        zero(frame, FrameHeader.BYTES + payload, bytes);
        SealedFrame sealed = new SealedFrame(file, position, header.end(), frame.slice(0, bytes));
        tail.used(header.end());
        open = null;
        payload = 0;
        previous = position;
        position = header.end();
        return sealed;
    }

    /// The bytes at a position, from memory or from the file; blocks for a read in the latter case.
    ///
    /// @param durable the position before which everything is durable
    public byte[] read(long from, int bytes, long durable) throws IOException {
        byte[] copy = tail.copy(from, bytes);
        return copy != null ? copy : cold.read(from, bytes, durable);
    }

    /// A copy of the bytes at a position if they are in memory, or null.
    public byte @Nullable [] readMemory(long from, int bytes) {
        return tail.copy(from, bytes);
    }

    private static int needed(int bytes, int entries) {
        return bytes + entries * LENGTH_BYTES_MAX;
    }

    private static void zero(ByteBuffer frame, int from, int to) {
        for (int i = from; i < to; i++) {
            frame.put(i, (byte) 0);
        }
    }
}
