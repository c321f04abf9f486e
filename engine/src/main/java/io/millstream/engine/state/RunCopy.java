package io.millstream.engine.state;

/// A run of messages that is to be copied to a segment.
///
/// @param channel the queue
/// @param first the sequence of the run's first message
/// @param position where the run lies
/// @param bounds where its entries begin, counted from there, and where the last one ends
/// @param copied which of its messages are not settled, a bit for each
public record RunCopy(long channel, long first, long position, int[] bounds, long copied)
        implements Copy {

    @Override
    public int bytes() {
        int bytes = 0;
        for (int i = 0; i < bounds.length - 1; i++) {
            if (isCopied(i)) {
                bytes += bounds[i + 1] - bounds[i];
            }
        }
        return bytes;
    }

    @Override
    public boolean belongsWith(Copy other) {
        return other instanceof RunCopy run && run.channel == channel;
    }

    /// Whether the message at `index` is copied.
    public boolean isCopied(int index) {
        return (copied & (1L << index)) != 0;
    }
}
