package io.millstream.engine.state;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// A state as it was when this was begun, written down a slice at a time while it goes on changing:
/// whatever is about to change is written before ([Images]), the rest by a walk. The owner of the
/// state owns this too.
///
/// Slices are read by [State#load] in the order they come in. What is in them is drawn in
/// [SnapshotCodec]. They are about as long as asked, unless one item alone is longer: a row may
/// have a mebibyte.
public final class Snapshot {
    private static final int VISITS_MAX = 1024;

    private final State state;
    private final Images images;
    private final int sliceBytes;
    private long channel;
    private Walk walk = new Walk();
    private Walk walkOfLeft = new Walk();
    private boolean rowsDone;
    private boolean done;

    Snapshot(State state, Images images, int sliceBytes) {
        this.state = state;
        this.images = images;
        this.sliceBytes = sliceBytes;
    }

    /// Whether all of it has been written.
    public boolean isDone() {
        return done;
    }

    /// Walks on for about one slice.
    public void advance() {
        long start = images.written();
        for (int i = 0; i < VISITS_MAX && !done; i++) {
            visit();
            if (images.written() - start >= sliceBytes) {
                return;
            }
        }
    }

    /// Gives the slices that are complete now.
    public void drainTo(Consumer<ByteBuffer> slices) {
        for (ByteBuffer slice = images.poll(); slice != null; slice = images.poll()) {
            slices.accept(slice);
        }
    }

    /// Gives it up.
    public void abandon() {
        done = true;
        images.end();
    }

    private void visit() {
        if (!rowsDone) {
            rowsDone = !state.tables().imageNext();
        } else if (!visitQueue()
                && !visitLeft()
                && !state.routes().imageNext()
                && !state.senders().imageNext()
                && !state.topics().images().imageNext()) {
            done = true;
            images.complete();
        }
    }

    private boolean visitQueue() {
        QueueState queue = state.queue(channel);
        if (queue != null && walk.visit(queue)) {
            return true;
        }
        QueueState after = state.queueAfter(channel);
        if (after == null) {
            return false;
        }
        channel = after.channel();
        walk = new Walk();
        return true;
    }

    private boolean visitLeft() {
        QueueState left = images.left();
        if (left == null) {
            return false;
        }
        if (!walkOfLeft.visit(left)) {
            walkOfLeft = new Walk();
            images.leftDone();
        }
        return true;
    }

    /// How far it has gone in one queue.
    private static final class Walk {
        private long from;
        private long seenFrom;
        private long pacesFrom;

        /// Writes one part more.
        ///
        /// @return whether there was any
        boolean visit(QueueState queue) {
            if (from >= 0) {
                from = queue.images().imageFrom(from);
            }
            if (from < 0 && seenFrom >= 0) {
                seenFrom = queue.images().imageSeenFrom(seenFrom);
            }
            if (from < 0 && seenFrom < 0 && pacesFrom >= 0) {
                pacesFrom = queue.images().imagePacesFrom(pacesFrom);
            }
            return from >= 0 || seenFrom >= 0 || pacesFrom >= 0;
        }
    }
}
