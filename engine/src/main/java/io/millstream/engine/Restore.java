package io.millstream.engine;

import io.millstream.api.MillstreamException;
import io.millstream.engine.archive.ArchiveReader;
import io.millstream.engine.archive.DamagedArchiveException;
import io.millstream.engine.archive.Manifest;
import io.millstream.engine.io.Disk;
import io.millstream.engine.io.FileDisk;
import io.millstream.engine.io.StoredFile;
import io.millstream.engine.log.Log;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;

/// Makes a data directory of a [Backup]'s archive. The directory is the same store at an earlier
/// moment, in an epoch of its own: handles that the original gave out since settle nothing in it.
public final class Restore {
    /// No store is opened so often between its backup and its end.
    private static final int EPOCHS_LEAST = 1 << 10;

    /// Two stores restored from one backup must not have the same epochs either.
    private static final int EPOCHS_BY_CHANCE = 1 << 20;

    private static final int STEPS_MAX = 100_000;

    private Restore() {}

    /// Makes the directory `target`, which must not be there or be empty. Everything is written and
    /// proved beside it, and has its name in the end only: a restore that is cut off leaves a
    /// directory whose name ends in `.restoring-` and some digits, which can be deleted.
    ///
    /// @return what was restored
    /// @throws MillstreamException if it cannot be, with why; `target` is as it was
    public static Manifest to(InputStream archive, Path target) {
        Path absolute = target.toAbsolutePath().normalize();
        Path name = absolute.getFileName();
        if (name == null) {
            throw new MillstreamException(
                    "%s cannot be replaced. Name another directory.".formatted(absolute));
        }
        int suffix = new SecureRandom().nextInt(Integer.MAX_VALUE);
        Path beside = absolute.resolveSibling("%s.restoring-%d".formatted(name, suffix));
        boolean done = false;
        try {
            FileDisk.requireEmpty(absolute);
            Manifest manifest = into(FileDisk.at(beside), archive, EngineOptions.standard());
            FileDisk.replaceEmpty(beside, absolute);
            done = true;
            return manifest;
        } catch (IOException failed) {
            throw new MillstreamException(String.valueOf(failed.getMessage()), failed);
        } finally {
            if (!done) {
                FileDisk.deleteAll(beside);
            }
        }
    }

    /// Restores into `disk`, which must be empty, and closes it. If this fails, what is there is
    /// worth nothing.
    ///
    /// @return what was restored
    /// @throws DamagedArchiveException if the archive is not a complete backup
    public static Manifest into(Disk disk, InputStream archive, EngineOptions options)
            throws IOException {
        if (!disk.list().isEmpty()) {
            throw new IOException(
                    "%s is not empty. Restore into an empty directory.".formatted(disk.describe()));
        }
        Manifest manifest;
        try (Files files = new Files(disk)) {
            manifest = ArchiveReader.read(archive, files);
        }
        prove(disk, options, manifest);
        return manifest;
    }

    /// Opens it as any start does, which syncs the names of its files too, says in its log that it
    /// was restored, and stops in order.
    private static void prove(Disk disk, EngineOptions options, Manifest manifest)
            throws IOException {
        EngineCore core =
                new EngineCore(
                        disk,
                        roomier(options, manifest),
                        (log, state) -> restored(log, state, manifest, options));
        try {
            core.inbox().offer(new Command.Stop());
            for (int step = 0; !core.loop().isFinished(); step++) {
                if (step > STEPS_MAX) {
                    throw new IOException(
                            "The restored store does not come to rest. Restore it on a disk with"
                                    + " more room.");
                }
                core.loop().step();
                core.log().writer().step();
                core.background().step();
            }
        } finally {
            core.log().close();
            disk.close();
        }
    }

    /// The last log file of a copy grows no more, so that a log that was full goes on in one file
    /// more than it may have otherwise.
    private static EngineOptions roomier(EngineOptions options, Manifest manifest) {
        long files = manifest.files().stream().filter(file -> Log.isFile(file.name())).count();
        int filesMax = Math.max(options.log().filesMax(), Math.toIntExact(files + 1));
        return options.withLog(options.log().withFilesMax(filesMax));
    }

    private static List<Entry> restored(
            Log log, State state, Manifest manifest, EngineOptions options) throws IOException {
        long end = log.appender().position();
        if (end != manifest.position() || state.epoch() != manifest.epoch()) {
            throw new DamagedArchiveException(
                    "it is of log position %d in epoch %d, but what is in it ends at %d in epoch %d"
                            .formatted(manifest.position(), manifest.epoch(), end, state.epoch()));
        }
        long epoch =
                (long) state.epoch() + EPOCHS_LEAST + new SecureRandom().nextInt(EPOCHS_BY_CHANCE);
        if (epoch >= Integer.MAX_VALUE - EPOCHS_LEAST) {
            throw new IOException(
                    "This store has been restored too often: its epochs are used up. Move its"
                            + " messages to a new directory.");
        }
        return List.of(new Entry.Restored((int) epoch), EngineCore.opened((int) epoch, options));
    }

    /// Writes the archive's files, and syncs each at its end.
    private static final class Files implements ArchiveReader.Receiver, AutoCloseable {
        private final Disk disk;
        private @Nullable StoredFile file;
        private long position;

        private Files(Disk disk) {
            this.disk = disk;
        }

        @Override
        public void begin(Manifest manifest) throws IOException {
            long free = disk.freeBytes();
            if (manifest.bytes() > free) {
                throw new IOException(
                        ("The backup needs %d MiB and %s has %d MiB left. Make room, or restore it"
                                        + " on another disk.")
                                .formatted(manifest.bytes() >> 20, disk.describe(), free >> 20));
            }
        }

        @Override
        public void file(String name) throws IOException {
            close();
            try {
                file = disk.open(name);
            } catch (IllegalArgumentException illegal) {
                throw new DamagedArchiveException("it holds a file called '" + name + "'");
            }
            position = 0;
        }

        @Override
        public void write(byte[] bytes, int length) throws IOException {
            StoredFile open = file;
            if (open == null) {
                throw new IllegalStateException("No file was begun");
            }
            open.write(ByteBuffer.wrap(bytes, 0, length), position);
            position += length;
        }

        @Override
        public void close() throws IOException {
            StoredFile open = file;
            file = null;
            if (open != null) {
                open.sync();
                open.close();
            }
        }
    }
}
