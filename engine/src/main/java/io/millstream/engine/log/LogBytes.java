package io.millstream.engine.log;

import io.millstream.engine.position.Positions;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads from wherever a position lies: a log file or a segment. Blocks for the disk.
public final class LogBytes {
    private final LogRing ring;
    private final Segments segments;

    LogBytes(LogRing ring, Segments segments) {
        this.ring = ring;
        this.segments = segments;
    }

    /// At least `bytes` bytes from `position` on, and up to `wanted` if there are as many in the
    /// same file and before `durable`.
    byte[] window(long position, int bytes, int wanted, long durable) throws IOException {
        long room;
        if (Positions.isInSegment(position)) {
            room = segments.bytes(Positions.segmentOf(position)) - Positions.offsetOf(position);
        } else {
            LogFile file = fileAt(position);
            room = Math.min(file.base() + file.prepared(), durable) - position;
        }
        if (room < bytes) {
            throw new IOException("Position " + position + " has " + room + " bytes, not " + bytes);
        }
        byte[] target = new byte[(int) Math.min(room, Math.max(bytes, wanted))];
        read(ByteBuffer.wrap(target), position);
        return target;
    }

    /// Fills `target` from `position` on.
    public void read(ByteBuffer target, long position) throws IOException {
        if (Positions.isInSegment(position)) {
            segments.read(target, Positions.segmentOf(position), Positions.offsetOf(position));
        } else {
            fileAt(position).read(target, position);
        }
    }

    /// The name of the file that a position lies in, for messages.
    public String fileOf(long position) {
        if (Positions.isInSegment(position)) {
            return Segments.nameOf(Positions.segmentOf(position));
        }
        LogFile file = ring.fileAt(position);
        return file == null ? "log" : file.name();
    }

    /// The offset in that file.
    public long offsetOf(long position) {
        if (Positions.isInSegment(position)) {
            return Positions.offsetOf(position);
        }
        return position % ring.format().fileBytes();
    }

    /// What to say of damage there: `File log-0003 is damaged at byte 8240`.
    public String damageAt(long position) {
        return "File %s is damaged at byte %d".formatted(fileOf(position), offsetOf(position));
    }

    private LogFile fileAt(long position) throws IOException {
        LogFile file = ring.fileAt(position);
        if (file == null) {
            throw new IOException("The log no longer holds position " + position);
        }
        return file;
    }
}
