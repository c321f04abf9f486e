package io.millstream.engine.log;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// The end of the log in memory: frames are built here in place, and what was written lately is
/// read from here, up to a budget of bytes. Direct memory in chunks, each used for one contiguous
/// stretch of the log. The loop's own.
final class TailBuffer {
    private final int chunkBytes;
    private final int chunksMax;
    private final Deque<Chunk> chunks = new ArrayDeque<>();

    private static final class Chunk {
        private final ByteBuffer buffer;
        private long base;
        private int used;

        Chunk(int bytes) {
            buffer = ByteBuffer.allocateDirect(bytes);
        }

        long end() {
            return base + used;
        }
    }

    TailBuffer(int chunkBytes, long budgetBytes) {
        this.chunkBytes = chunkBytes;
        this.chunksMax = Math.max(2, (int) (budgetBytes / chunkBytes));
    }

    /// Memory for `bytes` bytes or more of the log from `position` on. What is left over is given
    /// back with [#used]. Memory is reused only below `durable`: what is still on its way to the
    /// disk stays.
    ByteBuffer reserve(long position, int bytes, long durable) {
        Chunk chunk = chunks.peekLast();
        if (chunk == null
                || chunk.end() != position
                || chunk.buffer.capacity() - chunk.used < bytes) {
            chunk = fresh(bytes, durable);
            chunk.base = position;
            chunk.used = 0;
            chunks.addLast(chunk);
        }
        ByteBuffer space = chunk.buffer.slice(chunk.used, chunk.buffer.capacity() - chunk.used);
        chunk.used += space.capacity();
        return space;
    }

    /// The frame that was reserved last ends before `end`.
    void used(long end) {
        Chunk chunk = chunks.getLast();
        chunk.used = (int) (end - chunk.base);
    }

    private Chunk fresh(int bytes, long durable) {
        Chunk reusable = null;
        while (chunks.size() >= chunksMax && chunks.getFirst().end() <= durable) {
            Chunk oldest = chunks.removeFirst();
            if (oldest.buffer.capacity() == chunkBytes) {
                reusable = oldest;
            }
        }
        if (bytes <= chunkBytes && reusable != null) {
            return reusable;
        }
        return new Chunk(Math.max(chunkBytes, bytes));
    }

    /// A copy of `bytes` bytes at `position`, or null if they are not in here any more.
    byte @Nullable [] copy(long position, int bytes) {
        for (var it = chunks.descendingIterator(); it.hasNext(); ) {
            Chunk chunk = it.next();
            if (position >= chunk.base && position + bytes <= chunk.end()) {
                byte[] copy = new byte[bytes];
                chunk.buffer.get((int) (position - chunk.base), copy);
                return copy;
            }
        }
        return null;
    }
}
