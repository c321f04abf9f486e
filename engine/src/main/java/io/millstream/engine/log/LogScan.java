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
    private final LogRing ring;
    private final Checksum checksum;
    private final FrameReader frames;

    /// Where the log ends, and the last frame before that, or -1.
    record End(long position, long previous) {}

    LogScan(LogRing ring) {
        this.ring = ring;
        this.checksum = new Checksum(ring.format().id());
        this.frames = new FrameReader(ring::fileAt, ring.format());
    }

    /// Replays every frame from `from` on.
    ///
    /// @throws DamagedException if acknowledged bytes are not what was written
    End scan(long from, LogReplay replay) throws IOException {
        long position = from;
        long previous = -1;
        while (true) {
            FrameHeader header = frames.frameAt(position);
            if (header == null) {
                header = firstOfNextFile(position);
            }
            if (header == null) {
                refuseIfDamaged(position);
                return new End(position, previous);
            }
            frames.replay(header, replay);
            previous = header.position();
            position = header.end();
        }
    }

    /// The first frame of the file after that of `position`, if the log went on there.
    private @Nullable FrameHeader firstOfNextFile(long position) throws IOException {
        long next = (position - 1) / ring.format().fileBytes() + 1;
        long start = next * ring.format().fileBytes() + LogFile.HEADER_BYTES;
        FrameHeader header = frames.frameAt(start);
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
                FrameHeader later = frames.firstFrom(file, from + FrameHeader.BLOCK_BYTES);
                if (later != null) {
                    throw damaged(position, later.position());
                }
            }
        }
    }

    /// A file without a readable number is one that was being made or recycled, unless it holds
    /// something from `position` on: then its header is damaged.
    private void refuseIfUnnumbered(long position) throws IOException {
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
}
