package io.millstream.engine.log;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongFunction;

/// Reads frames from the medium, through a window, so that small ones cost few reads.
final class FrameReader {
    private static final int WINDOW_BYTES = 1 << 20;

    private final LongFunction<@Nullable LogFile> files;
    private final Checksum checksum;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowBase;

    /// Reads from the file that `files` gives for a position, or null if there is none.
    FrameReader(LongFunction<@Nullable LogFile> files, DirectoryFormat format) {
        this.files = files;
        this.checksum = new Checksum(format.id());
    }

    /// The good frame at `position`, or null.
    @Nullable FrameHeader frameAt(long position) throws IOException {
        LogFile file = files.apply(position);
        if (file == null) {
            return null;
        }
        long room = file.base() + file.prepared() - position;
        if (room < FrameHeader.BLOCK_BYTES) {
            return null;
        }
        FrameHeader header =
                FrameHeader.claimed(bytes(file, position, FrameHeader.BYTES), position, room);
        if (header == null) {
            return null;
        }
        int length = FrameHeader.BYTES + header.payloadBytes();
        return header.isSigned(bytes(file, position, length), checksum) ? header : null;
    }

    /// The first good frame of `file` from `position` on, or null.
    @Nullable FrameHeader firstFrom(LogFile file, long position) throws IOException {
        long end = file.base() + file.prepared();
        for (long at = position;
                at + FrameHeader.BLOCK_BYTES <= end;
                at += FrameHeader.BLOCK_BYTES) {
            FrameHeader header = frameAt(at);
            if (header != null) {
                return header;
            }
        }
        return null;
    }

    /// Whether the bytes at `position` claim to be a frame, good or not.
    boolean isClaimed(long position) throws IOException {
        LogFile file = files.apply(position);
        long room = file == null ? 0 : file.base() + file.prepared() - position;
        return file != null
                && room >= FrameHeader.BLOCK_BYTES
                && FrameHeader.claimed(
                                bytes(file, position, FrameHeader.BYTES), position, Long.MAX_VALUE)
                        != null;
    }

    /// Tells `replay` of a good frame and its entries.
    void replay(FrameHeader header, FrameReplay replay) throws IOException {
        LogFile file = files.apply(header.position());
        if (file == null) {
            throw new IOException("No file holds log position " + header.position());
        }
        long start = header.position() + FrameHeader.BYTES;
        ByteBuffer payload = bytes(file, start, header.payloadBytes());
        replay.frame(header.now());
        int at = 0;
        while (at < payload.limit()) {
            int begin = at;
            int length = 0;
            int shift = 0;
            byte next;
            do {
                next = payload.get(at++);
                length |= (next & 0x7F) << shift;
                shift += 7;
            } while (next < 0);
            ByteBuffer entry = payload.slice(at, length);
            at += length;
            replay.entry(start + begin, at - begin, entry);
        }
    }

    private ByteBuffer bytes(LogFile file, long position, int length) throws IOException {
        if (position < windowBase || position + length > windowBase + window.limit()) {
            long room = file.base() + file.prepared() - position;
            int size = (int) Math.min(room, Math.max(WINDOW_BYTES, length));
            window = ByteBuffer.allocateDirect(size);
            file.readMedium(window, position);
            window.flip();
            windowBase = position;
        }
        return window.slice((int) (position - windowBase), length);
    }
}
