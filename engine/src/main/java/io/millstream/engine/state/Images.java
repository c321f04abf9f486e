package io.millstream.engine.state;

import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;

/// The parts of a state as they were when a snapshot was begun, written down before they change.
///
/// A part is a queue's head, a run with all that hangs on its messages, a row, an exchange, a
/// binding, a sender, a receipt, or a part of a topic ([TopicImages]). Queues and runs bear the
/// number of the last snapshot that has them, or that had been begun when they came to be: for the
/// one that is being taken they are written once, by its walk or because they change.
final class Images {
    static final int GLOBALS = 1;
    static final int ROW = 2;

    /// As version 0.1.0 wrote it.
    static final int QUEUE_OLD = 3;

    /// As version 0.1.0 wrote it.
    static final int RUN_OLD = 4;

    static final int TOPIC = 5;
    static final int PARTITION = 6;
    static final int EXTENT = 7;
    static final int KEY = 8;
    static final int CURSOR = 9;
    static final int QUEUE = 10;
    static final int RUN = 11;
    static final int SEEN = 12;
    static final int PACES = 13;
    static final int SENDER = 14;
    static final int ANSWER = 15;
    static final int EXCHANGE = 20;
    static final int BINDING = 21;

    private final Output out = new Output(0);
    private final Queue<ByteBuffer> slices = new ArrayDeque<>();
    private final Queue<QueueState> purged = new ArrayDeque<>();
    private boolean taking;
    private int number;
    private int sliceBytes;
    private long cutBytes;

    /// Begins a snapshot that is cut into slices of about so many bytes.
    void begin(int bytes) {
        Invariant.check(!taking, "Two snapshots at once");
        number++;
        taking = true;
        sliceBytes = bytes;
        cutBytes = 0;
    }

    /// The number of the last snapshot that was begun.
    int number() {
        return number;
    }

    /// Whether one is being taken.
    boolean areTaken() {
        return taking;
    }

    /// Whether a part that bears a number is still to be written.
    boolean lack(int imaged) {
        return taking && imaged != number;
    }

    /// Where the next image goes; [#cut] comes after it.
    Output out() {
        return out;
    }

    /// Ends a slice if it has become long enough.
    void cut() {
        if (out.length() >= sliceBytes) {
            endSlice();
        }
    }

    private void endSlice() {
        cutBytes += out.length();
        slices.add(ByteBuffer.wrap(out.toArray()));
        out.clear();
    }

    /// What a queue held that was purged before all of it was written, or a queue that was removed.
    void leave(QueueState rest) {
        purged.add(rest);
    }

    /// The first of what [#leave] was told, until [#leftDone].
    @Nullable QueueState left() {
        return purged.peek();
    }

    void leftDone() {
        purged.remove();
    }

    /// How many bytes have been written for this snapshot.
    long written() {
        return cutBytes + out.length();
    }

    /// The next slice, or null if none is complete.
    @Nullable ByteBuffer poll() {
        return slices.poll();
    }

    /// Nothing is missing.
    void complete() {
        if (out.length() > 0) {
            endSlice();
        }
        taking = false;
    }

    /// Gives up what is not complete.
    void end() {
        taking = false;
        out.clear();
        slices.clear();
        purged.clear();
    }
}
