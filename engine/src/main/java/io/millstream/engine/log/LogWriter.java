package io.millstream.engine.log;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/// Writes one frame after the other and syncs each: the next one is not written before the last one
/// is durable, so that a valid frame proves all before it.
///
/// A thread of its own calls [#step]; the loop calls the rest. A failed write or sync is final.
public final class LogWriter {
    private final Checksum checksum;
    private final AtomicReference<@Nullable SealedFrame> submitted = new AtomicReference<>();
    private final LongAdder syncs = new LongAdder();
    private final LongAdder syncNanos = new LongAdder();
    private volatile long written;
    private volatile long durable;
    private volatile @Nullable IOException failure;

    // The writing thread's own: the frame that is written and not yet synced.
    private @Nullable SealedFrame unsynced;

    /// Starts with everything before `position` durable.
    LogWriter(DirectoryFormat format, long position) {
        this.checksum = new Checksum(format.id());
        this.written = position;
        this.durable = position;
    }

    /// Whether a frame can be submitted.
    public boolean isIdle() {
        return submitted.get() == null;
    }

    /// Hands over the next frame; the writer must be idle.
    void submit(SealedFrame frame) {
        if (!submitted.compareAndSet(null, frame)) {
            throw new IllegalStateException("The log writer has a frame already");
        }
    }

    /// Whether everything written is on the disk, or nothing more will be. The writing thread's.
    public boolean isSynced() {
        return unsynced == null || failure != null;
    }

    /// Everything before this position has been given to the file system.
    public long written() {
        return written;
    }

    /// Everything before this position is on the disk.
    public long durable() {
        return durable;
    }

    /// What made it stop, or null.
    public @Nullable IOException failure() {
        return failure;
    }

    /// How often it has synced.
    public long syncs() {
        return syncs.sum();
    }

    /// How long it has spent syncing, in nanoseconds.
    public long syncNanos() {
        return syncNanos.sum();
    }

    /// Writes the submitted frame, or syncs the written one. Blocks for the disk.
    ///
    /// @return whether there was anything to do
    public boolean step() {
        if (failure != null) {
            return false;
        }
        try {
            SealedFrame frame = unsynced;
            if (frame != null) {
                sync(frame);
                return true;
            }
            frame = submitted.get();
            if (frame == null) {
                return false;
            }
            write(frame);
            return true;
        } catch (IOException failed) {
            failure = failed;
            return true;
        }
    }

    private void write(SealedFrame frame) throws IOException {
        ByteBuffer bytes = frame.bytes();
        FrameHeader.sign(bytes, checksum);
        frame.file().write(bytes.duplicate(), frame.position());
        unsynced = frame;
        written = frame.end();
    }

    private void sync(SealedFrame frame) throws IOException {
        long began = System.nanoTime();
        frame.file().sync();
        syncNanos.add(System.nanoTime() - began);
        syncs.increment();
        unsynced = null;
        durable = frame.end();
        submitted.set(null);
    }
}
