package io.millstream.engine.position;

/// Where bytes lie: at a position of the log, or in a settled segment.
///
/// A position of the log counts from zero and never reaches 2^62. A position with bit 62 set is in
/// a segment: 30 bits of its number, then 32 bits of the offset in it.
public final class Positions {
    private static final long SEGMENT_BIT = 1L << 62;
    private static final int OFFSET_BITS = 32;
    private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;

    private Positions() {}

    /// The position of `offset` in segment `number`.
    public static long inSegment(int number, long offset) {
        return SEGMENT_BIT | ((long) number << OFFSET_BITS) | offset;
    }

    /// Whether a position is in a segment.
    public static boolean isInSegment(long position) {
        return (position & SEGMENT_BIT) != 0;
    }

    /// The number of the segment that a position is in.
    public static int segmentOf(long position) {
        return (int) ((position & ~SEGMENT_BIT) >>> OFFSET_BITS);
    }

    /// The offset in its segment.
    public static long offsetOf(long position) {
        return position & OFFSET_MASK;
    }

    /// Whether two positions are in the same segment, or in the same one of the log's files, which
    /// are `fileBytes` long.
    public static boolean isSameFile(long one, long other, long fileBytes) {
        if (isInSegment(one)) {
            return isInSegment(other) && segmentOf(one) == segmentOf(other);
        }
        return !isInSegment(other) && one / fileBytes == other / fileBytes;
    }
}
