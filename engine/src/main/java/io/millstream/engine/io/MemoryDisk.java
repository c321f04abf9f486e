package io.millstream.engine.io;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/// Files on the heap: for engines that need not outlive their process, such as those of tests.
///
/// Closing keeps the files, so that a test can restart an engine on them. Syncs do nothing: there
/// is no power cut that this memory survives. Safe for use by many threads.
public final class MemoryDisk implements Disk {
    private static final int CHUNK_BYTES = 64 * 1024;
    // A file of a few bytes costs little, which matters where there are a thousand of them.
    private static final int CHUNK_BYTES_MIN = 512;
    private static final byte[] HOLE = {};

    private final long capacityBytes;
    private final AtomicLong allocatedBytes = new AtomicLong();
    private final TreeMap<String, Content> files = new TreeMap<>();
    private boolean locked;

    /// A disk that only the heap limits.
    public MemoryDisk() {
        this(Long.MAX_VALUE);
    }

    /// A disk that is full once it has allocated so many bytes. Allocation is in chunks of 512
    /// bytes to 64 KiB; what was never written takes none.
    public MemoryDisk(long capacityBytes) {
        if (capacityBytes < 0) {
            throw new IllegalArgumentException("a capacity of " + capacityBytes + " bytes");
        }
        this.capacityBytes = capacityBytes;
    }

    @Override
    public String describe() {
        return "memory";
    }

    @Override
    public synchronized void lock() throws LockedException {
        if (locked) {
            throw new LockedException(
                    "Another engine has this in-memory disk. Close that engine first, or give"
                            + " this one a disk of its own.");
        }
        locked = true;
    }

    @Override
    public synchronized List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public synchronized StoredFile open(String name) {
        Content content = files.computeIfAbsent(FileName.check(name), Content::new);
        return new OpenFile(content);
    }

    @Override
    public synchronized void rename(String from, String to) throws NoSuchFileException {
        FileName.check(to);
        Content content = existing(from);
        if (!from.equals(to)) {
            files.remove(from);
            free(files.put(to, content));
        }
    }

    @Override
    public synchronized void delete(String name) throws NoSuchFileException {
        free(existing(name));
        files.remove(name);
    }

    @Override
    public void syncDirectory() {}

    @Override
    public long freeBytes() {
        return capacityBytes - allocatedBytes.get();
    }

    @Override
    public synchronized void close() {
        locked = false;
    }

    private Content existing(String name) throws NoSuchFileException {
        Content content = files.get(FileName.check(name));
        if (content == null) {
            throw new NoSuchFileException(name, null, "no such file in this in-memory disk");
        }
        return content;
    }

    private static void free(@Nullable Content replaced) {
        if (replaced != null) {
            replaced.unlink();
        }
    }

    /// Whether there was room for `bytes` more, which are then taken.
    private boolean reserve(long bytes) {
        if (allocatedBytes.addAndGet(bytes) <= capacityBytes) {
            return true;
        }
        allocatedBytes.addAndGet(-bytes);
        return false;
    }

    /// The bytes of one file, whatever it is called by now.
    private final class Content {
        private final String name;
        // Each is as long as it had to be so far; what lies behind its end reads as zeros.
        private final List<byte[]> chunks = new ArrayList<>();
        private long size;
        private int handles;
        private boolean unlinked;

        private Content(String name) {
            this.name = name;
        }

        private synchronized long size() {
            return size;
        }

        private synchronized void opened() {
            handles++;
        }

        private synchronized void closed() {
            handles--;
            freeIfUnused();
        }

        private synchronized void unlink() {
            unlinked = true;
            freeIfUnused();
        }

        /// As in a file system: a removed file lives until the last who has it open closes it.
        private void freeIfUnused() {
            if (unlinked && handles == 0) {
                cut(0);
            }
        }

        private synchronized void read(ByteBuffer target, long position) throws EOFException {
            if (target.hasRemaining() && position + target.remaining() > size) {
                throw new EOFException(
                        name
                                + " has "
                                + size
                                + " bytes, and "
                                + target.remaining()
                                + " were to be read from byte "
                                + position
                                + ".");
            }
            long at = position;
            while (target.hasRemaining()) {
                byte[] chunk = chunk(at);
                int from = (int) (at % CHUNK_BYTES);
                int count = Math.min(target.remaining(), CHUNK_BYTES - from);
                int stored = Math.clamp(chunk.length - from, 0, count);
                if (stored > 0) {
                    target.put(chunk, from, stored);
                }
                target.put(new byte[count - stored]);
                at += count;
            }
        }

        private synchronized void write(ByteBuffer source, long position) throws DiskFullException {
            long at = position;
            while (source.hasRemaining()) {
                int from = (int) (at % CHUNK_BYTES);
                int count = Math.min(source.remaining(), CHUNK_BYTES - from);
                source.get(chunk(at, from + count), from, count);
                at += count;
                size = Math.max(size, at);
            }
        }

        private synchronized void truncate(long newSize) {
            if (newSize < size) {
                cut(newSize);
            }
            size = newSize;
        }

        private void cut(long newSize) {
            int kept = Math.toIntExact((newSize + CHUNK_BYTES - 1) / CHUNK_BYTES);
            while (chunks.size() > kept) {
                allocatedBytes.addAndGet(-chunks.removeLast().length);
            }
            // So that growing again shows zeros, not what was cut.
            int inLast = (int) (newSize % CHUNK_BYTES);
            if (inLast > 0 && chunks.size() == kept && chunks.getLast().length > inLast) {
                Arrays.fill(chunks.getLast(), inLast, chunks.getLast().length, (byte) 0);
            }
            size = newSize;
        }

        private byte[] chunk(long position) {
            long index = position / CHUNK_BYTES;
            return index < chunks.size() ? chunks.get((int) index) : HOLE;
        }

        /// The chunk at `position`, at least `length` long.
        private byte[] chunk(long position, int length) throws DiskFullException {
            byte[] chunk = chunk(position);
            if (chunk.length >= length) {
                return chunk;
            }
            int grown = Math.max(CHUNK_BYTES_MIN, Integer.highestOneBit(length - 1) << 1);
            if (!reserve(grown - chunk.length)) {
                throw new DiskFullException(
                        "Could not write byte "
                                + position
                                + " of "
                                + name
                                + ": the in-memory disk has "
                                + capacityBytes
                                + " bytes, all in use. Remove files, or give it more.");
            }
            int index = Math.toIntExact(position / CHUNK_BYTES);
            while (chunks.size() <= index) {
                chunks.add(HOLE);
            }
            chunks.set(index, Arrays.copyOf(chunk, grown));
            return chunks.get(index);
        }
    }

    private static final class OpenFile implements StoredFile {
        private final Content content;
        private boolean closed;

        private OpenFile(Content content) {
            this.content = content;
            content.opened();
        }

        @Override
        public long size() throws IOException {
            return content().size();
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            content().read(target, position);
        }

        @Override
        public void readMedium(ByteBuffer target, long position) throws IOException {
            read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            content().write(source, position);
        }

        @Override
        public void sync() throws IOException {
            content();
        }

        @Override
        public void truncate(long size) throws IOException {
            content().truncate(size);
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                content.closed();
            }
        }

        private synchronized Content content() throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            return content;
        }
    }
}
