package io.millstream.engine.state;

/// An extent of a partition that is to be copied to a segment, whole.
///
/// @param channel the topic
/// @param partition which partition
/// @param first the offset of its first record
/// @param position where it lies
/// @param bytes how many bytes it has
public record ExtentCopy(long channel, int partition, long first, long position, int bytes)
        implements Copy {

    @Override
    public boolean belongsWith(Copy other) {
        return other instanceof ExtentCopy extent
                && extent.channel == channel
                && extent.partition == partition;
    }
}
