package io.millstream.engine.log;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/// The head of a frame, which is one group commit.
///
/// ```
///   0       4     8          16         24        32    40      44      48
///   +-------+-----+----------+----------+---------+-----+-------+-------+---------
///   | magic | CRC | position | previous | durable | now | epoch | bytes | payload
///   | 4     | 4   | 8        | 8        | 8       | 8   | 4     | 4     |
///   +-------+-----+----------+----------+---------+-----+-------+-------+---------
/// ```
///
/// The checksum covers everything after it up to the end of the payload. A frame is padded with
/// zeros to a multiple of 4 KiB, so that no later write touches a block that holds acknowledged
/// bytes. The payload is a sequence of entries, each a varint length and so many bytes.
///
/// @param position where the frame begins
/// @param previous where the frame before it begins, or -1
/// @param durableBefore everything before this position was durable when the frame was sealed
/// @param now the engine's clock, in milliseconds since 1970
/// @param epoch which opening of the directory wrote it
/// @param payloadBytes the length of the payload
record FrameHeader(
        long position, long previous, long durableBefore, long now, int epoch, int payloadBytes) {
    static final int BYTES = 48;
    static final int BLOCK_BYTES = 4096;

    private static final int MAGIC = 0x4D53_4652; // "MSFR"
    private static final int CRC_AT = 4;
    private static final int POSITION_AT = 8;
    private static final int PREVIOUS_AT = 16;
    private static final int DURABLE_AT = 24;
    private static final int NOW_AT = 32;
    private static final int EPOCH_AT = 40;
    private static final int LENGTH_AT = 44;

    /// Where the frame after this one begins if it is in the same file.
    long end() {
        return position + frameBytes(payloadBytes);
    }

    /// The padded length of a frame with such a payload.
    static int frameBytes(int payloadBytes) {
        return roundUp(BYTES + payloadBytes);
    }

    static int roundUp(int bytes) {
        return (bytes + BLOCK_BYTES - 1) & -BLOCK_BYTES;
    }

    /// Writes all but the checksum to the start of `frame`.
    void write(ByteBuffer frame) {
        frame.putInt(0, MAGIC);
        frame.putLong(POSITION_AT, position);
        frame.putLong(PREVIOUS_AT, previous);
        frame.putLong(DURABLE_AT, durableBefore);
        frame.putLong(NOW_AT, now);
        frame.putInt(EPOCH_AT, epoch);
        frame.putInt(LENGTH_AT, payloadBytes);
    }

    /// Writes the checksum of `frame`, whose header and payload are complete.
    static void sign(ByteBuffer frame, Checksum checksum) {
        int covered = BYTES - POSITION_AT + frame.getInt(LENGTH_AT);
        frame.putInt(CRC_AT, checksum.of(frame, POSITION_AT, covered));
    }

    /// The header at the start of `block` if it claims to be that of a frame at `position`, else
    /// null. What it claims is proved by [#isSigned] only.
    static @Nullable FrameHeader claimed(ByteBuffer block, long position, long roomBytes) {
        if (block.getInt(0) != MAGIC || block.getLong(POSITION_AT) != position) {
            return null;
        }
        int length = block.getInt(LENGTH_AT);
        if (length < 0 || length > roomBytes - BYTES) {
            return null;
        }
        return new FrameHeader(
                position,
                block.getLong(PREVIOUS_AT),
                block.getLong(DURABLE_AT),
                block.getLong(NOW_AT),
                block.getInt(EPOCH_AT),
                length);
    }

    /// The header at the start of `block`, whatever position it claims, or null.
    static @Nullable FrameHeader claimedAnywhere(ByteBuffer block) {
        return block.remaining() < BLOCK_BYTES
                ? null
                : claimed(block, block.getLong(POSITION_AT), block.remaining());
    }

    /// Whether the checksum of the whole frame is right.
    boolean isSigned(ByteBuffer frame, Checksum checksum) {
        int covered = BYTES - POSITION_AT + payloadBytes;
        return frame.getInt(CRC_AT) == checksum.of(frame, POSITION_AT, covered);
    }
}
