package io.millstream.engine.state;

import java.util.ArrayList;
import java.util.List;

/// A run of messages that is to be copied to a segment. Made by the loop, read by one other thread.
public final class RunCopy implements Copy {
    private final long channel;
    private final long first;
    private final long position;
    private final long copied;
    private final int bytes;
    private final Places places;

    RunCopy(long channel, long first, long position, long copied, int bytes, Places places) {
        this.channel = channel;
        this.first = first;
        this.position = position;
        this.copied = copied;
        this.bytes = bytes;
        this.places = places;
    }

    /// The queue.
    public long channel() {
        return channel;
    }

    /// The sequence of the run's first message.
    public long first() {
        return first;
    }

    @Override
    public long position() {
        return position;
    }

    /// Which of its messages are not settled, a bit for each.
    public long copied() {
        return copied;
    }

    @Override
    public int bytes() {
        return bytes;
    }

    @Override
    public boolean belongsWith(Copy other) {
        return other instanceof RunCopy run && run.channel == channel;
    }

    /// Where the messages lie that are to be copied, in order.
    public List<Location> places() {
        List<Location> found = new ArrayList<>(Long.bitCount(copied));
        Places from = places.copy();
        for (int i = 0; i < Run.MESSAGES_MAX; i++) {
            if ((copied & (1L << i)) != 0) {
                found.add(from.locate(first + i));
            }
        }
        return found;
    }
}
