package io.millstream.engine.log;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads a log from a position to its end, and tells a torn end from damage.
///
/// Because no frame is written before the one before it is durable, a bad frame with a good one
/// anywhere after it was acknowledged: that is damage, and nothing is cut. A bad frame with nothing
/// good after it was never acknowledged, and the log ends before it.
final class LogScan {
    private static final int WINDOW_BYTES = 1 << 20;

    private final LogRing ring;
    private final Checksum checksum;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowBase;

    /// Where the log ends, and the last frame before that, or -1.
    record End(long position, long previous) {}

    LogScan(LogRing ring) {
        this.ring = ring;
        this.checksum = new Checksum(ring.format().id());
    }

    /// Replays every frame from `from` on.
    ///
    /// @throws DamagedException if acknowledged bytes are not what was written
    End scan(long from, LogReplay replay) throws IOException {
        long position = from;
        long previous = -1;
        while (true) {
            FrameHeader header = frameAt(position);
            if (header == null) {
                header = firstOfNextFile(position);
            }
            if (header == null) {
                refuseIfDamaged(position);
                return new End(position, previous);
            }
            replay(header, replay);
            previous = header.position();
            position = header.end();
        }
    }

    private void replay(FrameHeader header, LogReplay replay) throws IOException {
        LogFile file = fileOf(header.position());
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

    /// The good frame at `position`, or null.
    private @Nullable FrameHeader frameAt(long position) throws IOException {
        LogFile file = ring.fileAt(position);
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

    /// The first frame of the file after that of `position`, if the log went on there.
    private @Nullable FrameHeader firstOfNextFile(long position) throws IOException {
        long next = (position - 1) / ring.format().fileBytes() + 1;
        long start = next * ring.format().fileBytes() + LogFile.HEADER_BYTES;
        FrameHeader header = frameAt(start);
        if (header != null && header.previous() >= position) {
            throw damaged(position, header.position());
        }
        return header;
    }

    private void refuseIfDamaged(long position) throws IOException {
        refuseIfUnnumbered(position);
        for (LogFile file : ring.used()) {
            long end = file.base() + file.prepared();
            if (position < end) {
                long from = Math.max(position, file.base());
                refuseIfFrameAfter(file, from + FrameHeader.BLOCK_BYTES, position);
            }
        }
    }

    /// A file without a readable number is one that was being made or recycled, unless it holds
    /// something from `position` on: then its header is damaged.
    void refuseIfUnnumbered(long position) throws IOException {
        for (LogFile file : ring.unnumbered()) {
            int end = file.prepared();
            ByteBuffer all = ByteBuffer.allocate(end);
            if (end > 0) {
                file.readMediumAt(all, 0);
            }
            for (int at = LogFile.HEADER_BYTES; at < end; at += FrameHeader.BLOCK_BYTES) {
                FrameHeader header = FrameHeader.claimedAnywhere(all.slice(at, end - at));
                if (header != null
                        && header.position() >= position
                        && header.isSigned(all.slice(at, end - at), checksum)) {
                    throw new DamagedException(
                            file.name(),
                            0,
                            "its header is not readable, but it holds log position %d"
                                    .formatted(header.position()));
                }
            }
        }
    }

    private void refuseIfFrameAfter(LogFile file, long from, long bad) throws IOException {
        long end = file.base() + file.prepared();
        for (long at = from; at + FrameHeader.BLOCK_BYTES <= end; at += FrameHeader.BLOCK_BYTES) {
            ByteBuffer block = bytes(file, at, FrameHeader.BYTES);
            FrameHeader header = FrameHeader.claimed(block, at, end - at);
            if (header != null
                    && header.isSigned(
                            bytes(file, at, FrameHeader.BYTES + header.payloadBytes()), checksum)) {
                throw damaged(bad, at);
            }
        }
    }

    private DamagedException damaged(long bad, long good) {
        LogFile file = ring.fileBefore(bad);
        long offset = file == null ? bad : bad - file.base();
        return new DamagedException(
                file == null ? "log" : file.name(),
                offset,
                ("no frame is readable there, but a later one (log position %d) is, so this one"
                                + " was acknowledged")
                        .formatted(good));
    }

    private LogFile fileOf(long position) throws IOException {
        LogFile file = ring.fileAt(position);
        if (file == null) {
            throw new IOException("No file holds log position " + position);
        }
        return file;
    }

    /// `length` bytes of `file` from `position` on, through a window so that small frames cost few
    /// reads.
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
