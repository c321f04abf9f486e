package io.millstream.engine;

import io.millstream.engine.log.Checkpoints;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Stores one checkpoint: the loop offers its slices one by one, the background thread writes them.
final class CheckpointJob {
    private static final int WAITING_BYTES_MAX = 1 << 20;

    private final long position;
    private final Queue<ByteBuffer> slices = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private volatile boolean complete;
    private volatile boolean failed;
    private volatile boolean done;
    private Checkpoints.@Nullable Writer writer;

    /// A checkpoint of the state as of `position`.
    CheckpointJob(long position) {
        this.position = position;
    }

    long position() {
        return position;
    }

    /// Whether the walk should go on; what changes meanwhile is offered all the same.
    boolean wantsMore() {
        return waitingBytes.get() < WAITING_BYTES_MAX;
    }

    void offer(ByteBuffer slice) {
        waitingBytes.addAndGet(slice.remaining());
        slices.add(slice);
    }

    /// There are no more slices.
    void complete() {
        complete = true;
    }

    /// Whether it was given up for want of room.
    boolean isFailed() {
        return failed;
    }

    /// Whether it is on the disk.
    boolean isDone() {
        return done;
    }

    /// Writes some of the slices that wait, and the end mark once all are written and the log is
    /// durable as far as the state goes: a power cut must not leave a state that is ahead of the
    /// log. Blocks for the disk.
    ///
    /// @return whether there was anything to do
    boolean step(Checkpoints to, long durable) throws IOException {
        // Before the slices are looked at, or one could come between.
        boolean all = complete;
        int bytes = write(to);
        if (all && slices.isEmpty() && durable >= position) {
            writer(to).finish();
            done = true;
            return true;
        }
        return bytes > 0;
    }

    private int write(Checkpoints to) throws IOException {
        int written = 0;
        while (written < to.stepBytes()) {
            ByteBuffer slice = slices.poll();
            if (slice == null) {
                break;
            }
            int bytes = slice.remaining();
            writer(to).append(slice);
            waitingBytes.addAndGet(-bytes);
            written += bytes;
        }
        return written;
    }

    private Checkpoints.Writer writer(Checkpoints to) throws IOException {
        Checkpoints.Writer begun = writer;
        if (begun == null) {
            begun = to.begin(position);
            writer = begun;
        }
        return begun;
    }

    /// Gives it up.
    void fail() throws IOException {
        failed = true;
        slices.clear();
        if (writer != null) {
            writer.abandon();
        }
    }
}
