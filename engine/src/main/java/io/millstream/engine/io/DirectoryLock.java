package io.millstream.engine.io;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// The file `LOCK`, held as long as a process works in its directory. The system gives it back when
/// the process dies, however it dies. While it is held it contains the process id, in digits.
final class DirectoryLock {
    private static final int PID_BYTES_MAX = 20;

    // POSIX gives a process's lock back as soon as the process closes *any* descriptor of the file.
    // A second engine in this JVM must therefore be refused before it opens LOCK: closing it again
    // would silently free the directory for other processes. Hence this one set for the whole JVM.
    private static final Set<Object> HELD = ConcurrentHashMap.newKeySet();

    // For the same reason: channels on a lock that is held by a copy of this class from another
    // class loader. They stay open until the process ends.
    private static final List<FileChannel> NEVER_CLOSED = new CopyOnWriteArrayList<>();

    private final FileChannel channel;
    private final FileLock lock;
    private final Object key;

    private DirectoryLock(FileChannel channel, FileLock lock, Object key) {
        this.channel = channel;
        this.lock = lock;
        this.key = key;
    }

    /// Takes `directory`.
    ///
    /// @throws LockedException if this or another process has it
    static DirectoryLock take(Path directory) throws IOException {
        Path file = directory.resolve(FileName.LOCK);
        if (Files.notExists(file)) {
            createEmpty(file);
        }
        return take(directory, file, false);
    }

    /// Takes `directory` for one that only reads it and may not be able to write. Several of those
    /// may have it at once, if all they can do is to read the lock, but none while an engine has
    /// it.
    ///
    /// @return null if there is no lock that can be read: whether an engine has it nobody knows
    /// @throws LockedException if this or another process has it
    static @Nullable DirectoryLock takeToRead(Path directory) throws IOException {
        Path file = directory.resolve(FileName.LOCK);
        if (Files.isWritable(Files.exists(file) ? file : directory)) {
            return take(directory);
        }
        if (!Files.isReadable(file)) {
            return null;
        }
        try {
            return take(directory, file, true);
        } catch (LockedException held) {
            throw held;
        } catch (IOException cannotLock) {
            // Some network file systems have no locks.
            return null;
        }
    }

    private static DirectoryLock take(Path directory, Path file, boolean shared)
            throws IOException {
        Object key = key(file);
        if (!HELD.add(key)) {
            throw heldHere(directory);
        }
        DirectoryLock taken = null;
        try {
            taken = take(directory, file, shared, key);
            return taken;
        } finally {
            if (taken == null) {
                HELD.remove(key);
            }
        }
    }

    void release() throws IOException {
        // An interrupt would close the channel in the middle of this.
        boolean interrupted = Thread.interrupted();
        try (channel) {
            if (!lock.isShared()) {
                // A process id left behind would be shown to whoever comes next.
                channel.truncate(0);
            }
            lock.release();
        } finally {
            HELD.remove(key);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static DirectoryLock take(Path directory, Path file, boolean shared, Object key)
            throws IOException {
        FileChannel channel =
                shared
                        ? FileChannel.open(file, StandardOpenOption.READ)
                        : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean keepOpen = false;
        try {
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
            if (lock == null) {
                throw heldElsewhere(directory, readHolder(channel));
            }
            keepOpen = true;
            DirectoryLock taken = new DirectoryLock(channel, lock, key);
            if (!shared) {
                taken.writeHolder();
            }
            return taken;
        } catch (OverlappingFileLockException e) {
            keepOpen = NEVER_CLOSED.add(channel);
            throw heldHere(directory);
        } finally {
            if (!keepOpen) {
                channel.close();
            }
        }
    }

    private static void createEmpty(Path file) throws IOException {
        // CREATE, not CREATE_NEW: two processes may come here at once, and both may go on.
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
    }

    /// Device and inode where the system has them, so that links lead to the same key.
    private static Object key(Path file) throws IOException {
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return Objects.requireNonNullElse(key, file.toRealPath());
    }

    /// Best effort: only messages need it, and a full disk must not keep an engine from starting.
    private void writeHolder() {
        try {
            byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(US_ASCII);
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(pid), 0);
        } catch (IOException e) {
            // The lock is held all the same.
            return;
        }
    }

    private static @Nullable String readHolder(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(PID_BYTES_MAX);
        channel.read(bytes, 0);
        String pid = new String(bytes.array(), 0, bytes.position(), US_ASCII).strip();
        return pid.matches("[0-9]+") ? pid : null;
    }

    private static LockedException heldHere(Path directory) {
        return new LockedException(
                "Another engine in this process (process id "
                        + ProcessHandle.current().pid()
                        + ") has the directory "
                        + directory
                        + ". Close that engine first, or open another directory.");
    }

    private static LockedException heldElsewhere(Path directory, @Nullable String pid) {
        String holder = pid == null ? "Another process" : "The process with the id " + pid;
        return new LockedException(
                holder
                        + " has the directory "
                        + directory
                        + ". Stop that process first, or open another directory.");
    }
}
