package io.millstream.testkit.disk;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.StoredFile;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A disk that can be slow, full, broken or without power, on top of one that is none of these.
///
/// After a power cut exactly what was synced is there: of every write since, the bytes that it
/// replaced are kept until the next sync, and put back. Names survive at once. So it shows always
/// the same thing, where a [io.millstream.testkit.simulation.SimulatedDisk] does the worst that a
/// real one may do, by chance and for one thread; this one is for engines with threads.
///
/// What is written behind the end of a file and is nothing but zeros is kept as a hole: a log that
/// is zero-filled ahead of use takes no memory. Safe for use by many threads.
public final class FaultyDisk implements Disk {
    private final Disk disk;
    private final Map<String, Unsynced> unsynced = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long syncNanos;
    private boolean full;
    private boolean nextSyncFails;
    private boolean powerIsOff;

    /// What has to be put back after a power cut, newest last.
    private static final class Unsynced {
        private final Deque<Before> befores = new ArrayDeque<>();
    }

    /// The bytes at `position` before they were written over, and the file's size then.
    private record Before(long position, byte[] bytes, long size) {}

    /// A sound disk that keeps its files on `disk`.
    public FaultyDisk(Disk disk) {
        this.disk = disk;
    }

    /// From now on each sync takes at least so long; zero makes it quick again, also for those that
    /// wait already.
    public void slow(Duration perSync) {
        if (perSync.isNegative()) {
            throw new IllegalArgumentException("A sync takes zero or more, not " + perSync);
        }
        change(() -> syncNanos = perSync.toNanos());
    }

    /// Whether it says from now on that it has no room left. What is written all the same goes on,
    /// as into the room that a file system keeps for its owner.
    public void full(boolean isFull) {
        change(() -> full = isFull);
    }

    /// The next sync fails.
    public void failNextSync() {
        change(() -> nextSyncFails = true);
    }

    /// From now on everything fails but closing; also the syncs that are under way.
    public void cutPower() {
        change(() -> powerIsOff = true);
    }

    /// Shows what was synced before the power went. All files must have been closed.
    public void restorePower() throws IOException {
        lock.lock();
        try {
            for (Map.Entry<String, Unsynced> file : unsynced.entrySet()) {
                putBack(file.getKey(), file.getValue());
            }
            unsynced.clear();
            powerIsOff = false;
        } finally {
            lock.unlock();
        }
    }

    private void putBack(String name, Unsynced lost) throws IOException {
        try (StoredFile file = disk.open(name)) {
            while (!lost.befores.isEmpty()) {
                Before before = lost.befores.removeLast();
                file.write(ByteBuffer.wrap(before.bytes), before.position);
                file.truncate(before.size);
            }
        }
    }

    private void change(Runnable how) {
        lock.lock();
        try {
            how.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String describe() {
        return disk.describe();
    }

    @Override
    public void lock() throws IOException {
        requirePower();
        disk.lock();
    }

    @Override
    public List<String> list() throws IOException {
        requirePower();
        return disk.list();
    }

    @Override
    public StoredFile open(String name) throws IOException {
        lock.lock();
        try {
            requirePower();
            StoredFile file = disk.open(name);
            return new OpenFile(file, unsynced.computeIfAbsent(name, key -> new Unsynced()));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        lock.lock();
        try {
            requirePower();
            disk.rename(from, to);
            Unsynced moved = unsynced.remove(from);
            if (moved != null) {
                unsynced.put(to, moved);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void delete(String name) throws IOException {
        lock.lock();
        try {
            requirePower();
            disk.delete(name);
            unsynced.remove(name);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void syncDirectory() throws IOException {
        beginSync("the directory");
    }

    @Override
    public long freeBytes() throws IOException {
        lock.lock();
        try {
            requirePower();
            return full ? 0 : disk.freeBytes();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }

    private void requirePower() throws IOException {
        lock.lock();
        try {
            if (powerIsOff) {
                throw new IOException("Simulated: the power is off");
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits as long as a sync takes now, and fails if it is to fail.
    private void beginSync(String what) throws IOException {
        lock.lock();
        try {
            long began = System.nanoTime();
            long left = syncNanos;
            while (left > 0 && !powerIsOff) {
                changed.awaitNanos(left);
                left = syncNanos - (System.nanoTime() - began);
            }
            requirePower();
            if (nextSyncFails) {
                nextSyncFails = false;
                throw new IOException("Simulated: syncing " + what + " failed: Input/output error");
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Syncing " + what + " was interrupted");
        } finally {
            lock.unlock();
        }
    }

    private final class OpenFile implements StoredFile {
        private final StoredFile file;
        private final Unsynced lost;

        private OpenFile(StoredFile file, Unsynced lost) {
            this.file = file;
            this.lost = lost;
        }

        @Override
        public long size() throws IOException {
            requirePower();
            return file.size();
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            requirePower();
            file.read(target, position);
        }

        @Override
        public void readMedium(ByteBuffer target, long position) throws IOException {
            requirePower();
            file.readMedium(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            synchronized (lost) {
                requirePower();
                long size = file.size();
                remember(position, source.remaining(), size);
                if (source.hasRemaining() && position >= size && isZero(source)) {
                    file.truncate(position + source.remaining());
                    source.position(source.limit());
                } else {
                    file.write(source, position);
                }
            }
        }

        @Override
        public void sync() throws IOException {
            beginSync(disk.describe());
            synchronized (lost) {
                requirePower();
                file.sync();
                lost.befores.clear();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (lost) {
                requirePower();
                long before = file.size();
                remember(size, (int) Math.max(0, before - size), before);
                file.truncate(size);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }

        private void remember(long position, int length, long size) throws IOException {
            int old = Math.clamp(size - position, 0, length);
            ByteBuffer bytes = ByteBuffer.allocate(old);
            file.read(bytes, Math.min(position, size));
            lost.befores.addLast(new Before(Math.min(position, size), bytes.array(), size));
        }

        private static boolean isZero(ByteBuffer bytes) {
            int at = bytes.position();
            for (; at + Long.BYTES <= bytes.limit(); at += Long.BYTES) {
                if (bytes.getLong(at) != 0) {
                    return false;
                }
            }
            for (; at < bytes.limit(); at++) {
                if (bytes.get(at) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
