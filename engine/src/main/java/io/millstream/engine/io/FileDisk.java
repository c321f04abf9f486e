package io.millstream.engine.io;

import org.jspecify.annotations.Nullable;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// A directory of the file system.
///
/// Safe for use by many threads. **Threads that use it must not be interrupted**: an interrupt
/// during a read, a write or a sync closes the file for all threads (that is how [FileChannel]
/// works), and whether the operation happened is then unknown. Stop engine threads by telling them.
///
/// Subdirectories, the file `LOCK` and files whose names no [FileName] can be are not listed.
public final class FileDisk implements Disk {
    private static final FileAttribute<?> ONLY_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path directory;
    private final boolean isWritten;
    private final DirectReads directReads;
    // Told of renames and removals, because reading from the medium opens a file by its name again.
    private final Set<ChannelFile> openFiles = ConcurrentHashMap.newKeySet();
    private @Nullable DirectoryLock lock;

    private FileDisk(Path directory, boolean isWritten) {
        this.directory = directory;
        this.isWritten = isWritten;
        this.directReads = new DirectReads(directory);
    }

    /// The disk that keeps its files in `directory`, which is created if it is not there, for the
    /// user of this process alone.
    ///
    /// @throws IOException if it cannot be created, is no directory, or cannot be written
    public static FileDisk at(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath();
        if (Files.exists(absolute) && !Files.isDirectory(absolute)) {
            throw new FileAlreadyExistsException(
                    absolute.toString(),
                    null,
                    "it is a file, not a directory. Name a directory, or a path that does not"
                            + " exist");
        }
        create(absolute);
        if (!Files.isReadable(absolute)
                || !Files.isWritable(absolute)
                || !Files.isExecutable(absolute)) {
            throw new IOException(
                    "The directory "
                            + absolute
                            + " cannot be read and written by this process. Give its user read,"
                            + " write and search permission, or open another directory.");
        }
        return new FileDisk(absolute.toRealPath(), true);
    }

    /// Refuses what is there and is no empty directory.
    ///
    /// @throws IOException saying what to do
    public static void requireEmpty(Path directory) throws IOException {
        if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(
                    directory
                            + " is there and is no directory. Name one that is empty or does not"
                            + " exist.");
        }
        try (Stream<Path> inside = Files.list(directory)) {
            if (inside.findAny().isPresent()) {
                throw new DirectoryNotEmptyException(
                        directory + " is not empty. Name a directory that is, or does not exist.");
            }
        } catch (UncheckedIOException e) {
            throw explained("list", directory, Objects.requireNonNull(e.getCause()));
        }
    }

    /// Gives the directory `from` the name `to`, which nothing has or an empty directory, and makes
    /// that survive a power cut.
    public static void replaceEmpty(Path from, Path to) throws IOException {
        requireEmpty(to);
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw explained("rename (to " + to + ")", from, e);
        }
        Path parent = to.getParent();
        if (parent != null && Files.isReadable(parent)) {
            sync(parent);
        }
    }

    /// Removes a directory and the files in it as far as that is possible: what is left does no
    /// harm.
    public static void deleteAll(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        } catch (IOException | UncheckedIOException e) {
            // Whoever called has something worse to say.
            return;
        }
    }

    /// The disk that keeps its files in `directory`, which must be there.
    ///
    /// @throws IOException if it is not, is no directory, or cannot be written
    public static FileDisk existing(Path directory) throws IOException {
        requireExists(directory);
        return at(directory);
    }

    /// The disk of a directory that is only read, and may be one that cannot be written. Changing
    /// anything on it fails.
    ///
    /// @throws IOException if it is not there, is no directory, or cannot be read
    public static FileDisk toRead(Path directory) throws IOException {
        requireExists(directory);
        Path absolute = directory.toAbsolutePath();
        if (!Files.isDirectory(absolute) || !Files.isReadable(absolute)) {
            throw new IOException(
                    ("%s is no directory that this process can read. Give its user read and search"
                                    + " permission, or name another directory.")
                            .formatted(absolute));
        }
        return new FileDisk(absolute.toRealPath(), false);
    }

    private static void requireExists(Path directory) throws NoSuchFileException {
        if (Files.notExists(directory)) {
            throw new NoSuchFileException(
                    directory.toAbsolutePath().toString(), null, "there is no such directory");
        }
    }

    @Override
    public String describe() {
        return directory.toString();
    }

    @Override
    public synchronized void lock() throws IOException {
        try {
            lock = DirectoryLock.take(directory);
        } catch (LockedException e) {
            throw e;
        } catch (IOException e) {
            throw explained("lock", directory.resolve(FileName.LOCK), e);
        }
    }

    /// As [#lock], of a directory that is only read.
    ///
    /// @return whether no engine can have it; if not, its lock cannot be taken from here
    /// @throws LockedException if an engine has it
    public synchronized boolean lockToRead() throws IOException {
        lock = DirectoryLock.takeToRead(directory);
        return lock != null;
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(FileName::isLegal)
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw explained("list", directory, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw explained("list", directory, e);
        }
    }

    @Override
    public StoredFile open(String name) throws IOException {
        Path path = resolve(name);
        try {
            FileChannel channel =
                    isWritten
                            ? FileChannel.open(
                                    path,
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE)
                            : FileChannel.open(path, StandardOpenOption.READ);
            ChannelFile file = new ChannelFile(this, channel, path);
            openFiles.add(file);
            return file;
        } catch (IOException e) {
            throw explained("open", path, e);
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Path source = resolve(from);
        Path target = resolve(to);
        try {
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw explained("rename (to " + to + ")", source, e);
        }
        if (!source.equals(target)) {
            openFiles.forEach(file -> file.moved(target, null));
            openFiles.forEach(file -> file.moved(source, target));
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Path path = resolve(name);
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw explained("delete", path, e);
        }
        openFiles.forEach(file -> file.moved(path, null));
    }

    @Override
    public void syncDirectory() throws IOException {
        sync(directory);
    }

    @Override
    public long freeBytes() throws IOException {
        File file = directory.toFile();
        long free = file.getUsableSpace();
        if (free == 0 && !file.isDirectory()) {
            throw new NoSuchFileException(
                    directory.toString(), null, "the directory is gone. Restore it, then restart");
        }
        return free;
    }

    @Override
    public synchronized void close() throws IOException {
        if (lock != null) {
            DirectoryLock held = lock;
            lock = null;
            held.release();
        }
    }

    DirectReads directReads() {
        return directReads;
    }

    void closed(ChannelFile file) {
        openFiles.remove(file);
    }

    /// What failed, to which file, and what to do, from an exception that says only why.
    static IOException explained(String attempt, Path path, IOException why) {
        String what = "Could not " + attempt + " " + path + ": ";
        if (why instanceof ClosedByInterruptException) {
            return new IOException(
                    what + "its thread was interrupted, which closes the file. Open it again.",
                    why);
        }
        if (why instanceof ClosedChannelException) {
            return new IOException(what + "it is closed.", why);
        }
        if (why instanceof NoSuchFileException) {
            NoSuchFileException missing =
                    new NoSuchFileException(path.toString(), null, "could not " + attempt + " it");
            missing.initCause(why);
            return missing;
        }
        String reason = reason(why);
        if (saysFull(reason) || saysTooMany(reason)) {
            String advice =
                    saysFull(reason)
                            ? ". Free some space, or give the user a larger quota."
                            : ". Let the process open more (ulimit -n), or close connections.";
            DiskFullException full = new DiskFullException(what + reason + advice);
            full.initCause(why);
            return full;
        }
        return new IOException(what + reason + ". Check the disk and the permissions.", why);
    }

    private static String reason(IOException why) {
        if (why instanceof FileSystemException e && e.getReason() != null) {
            return e.getReason();
        }
        if (why instanceof AccessDeniedException) {
            return "access denied";
        }
        String message = why.getMessage();
        return why instanceof FileSystemException || message == null
                ? why.getClass().getSimpleName()
                : message;
    }

    /// The JDK hands the system's text through and no number.
    private static boolean saysFull(String reason) {
        return reason.contains("No space left on device")
                || reason.contains("Disk quota exceeded")
                || reason.contains("not enough space on the disk");
    }

    private static boolean saysTooMany(String reason) {
        return reason.contains("Too many open files");
    }

    private Path resolve(String name) {
        return directory.resolve(FileName.check(name));
    }

    /// Creates what is missing of the path, and makes that survive a power cut: a synced file in a
    /// directory whose own name was lost is lost too.
    private static void create(Path directory) throws IOException {
        List<Path> missing = new ArrayList<>();
        Path path = directory;
        while (path != null && Files.notExists(path)) {
            missing.add(path);
            path = path.getParent();
        }
        if (Files.isDirectory(directory)) {
            // A read-only file system may refuse to make what is there.
            return;
        }
        try {
            createPrivate(directory);
        } catch (IOException e) {
            throw explained("create", directory, e);
        }
        for (Path created : missing) {
            Path parent = created.getParent();
            if (parent != null && Files.isReadable(parent)) {
                sync(parent);
            }
        }
    }

    /// What is in it may be read by nobody else: messages, and secrets of keys.
    private static void createPrivate(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(directory, ONLY_OWNER);
        } catch (UnsupportedOperationException notPosix) {
            // There the parent says who may read what is below.
            Files.createDirectory(directory);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows does not open directories, and some network file systems do not sync them.
            // Both make names durable on their own. A disk's failure is passed on.
            boolean posix =
                    directory.getFileSystem().supportedFileAttributeViews().contains("posix");
            if (posix && !reason(e).contains("Invalid argument")) {
                throw explained("sync the directory", directory, e);
            }
        }
    }
}
