package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;

/// A queue's messages in the order they would be handed out; changes nothing, and ends with the
/// next change.
final class ReadyOrder {
    private final QueueState queue;
    private final Iterator<Delivery> again;
    private @Nullable Delivery nextAgain;
    private long nextNew;
    private int fresh;

    /// @param returned those that were handed out before and are ready again, in their order
    /// @param fresh how many there may be of those that were never handed out
    ReadyOrder(QueueState queue, Iterator<Delivery> returned, int fresh) {
        this.queue = queue;
        this.again = returned;
        this.nextAgain = again.hasNext() ? again.next() : null;
        this.nextNew = queue.cursor;
        this.fresh = fresh;
    }

    /// The next sequence, or -1 when there is none.
    long next() {
        Delivery first = nextAgain;
        if (first != null && (first.place <= nextNew || fresh <= 0)) {
            nextAgain = again.hasNext() ? again.next() : null;
            return first.sequence;
        }
        if (nextNew >= queue.end || fresh <= 0) {
            return -1;
        }
        fresh--;
        long sequence = nextNew;
        nextNew = queue.behind(sequence);
        return sequence;
    }
}
