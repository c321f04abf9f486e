package io.millstream.server.command;

import io.millstream.engine.archive.ArchiveReader;
import io.millstream.engine.archive.Manifest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// A backup's file. It is written as `FILE.part`, synced, read once more and proved, and only then
/// gets its name: a file without that ending is a complete backup. Only its owner may read it,
/// since it has the secrets of keys.
record ArchiveFile(Path path) {
    private static final Set<StandardOpenOption> NEW =
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    private static final FileAttribute<?> ONLY_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /// Writes an archive, blocking.
    interface Source {
        void writeTo(OutputStream out) throws IOException;
    }

    /// Writes what `source` does; if that fails, nothing is left.
    Manifest write(Source source) throws IOException {
        if (Files.exists(path)) {
            throw new FileAlreadyExistsException(
                    path + " is there already. Name another file, or move it away");
        }
        Path part = path.resolveSibling(path.getFileName() + ".part");
        try {
            store(part, source);
            Manifest manifest;
            try (InputStream in = Files.newInputStream(part)) {
                manifest = ArchiveReader.read(in, ArchiveReader.NOBODY);
            }
            Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
            syncName();
            return manifest;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void store(Path part, Source source) throws IOException {
        // One that was left would keep its permissions.
        Files.deleteIfExists(part);
        try (FileChannel channel = FileChannel.open(part, NEW, attributes(part))) {
            source.writeTo(Channels.newOutputStream(channel));
            channel.force(true);
        }
    }

    private static FileAttribute<?>[] attributes(Path part) {
        return isPosix(part) ? new FileAttribute<?>[] {ONLY_OWNER} : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private void syncName() throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (isPosix(path) && parent != null && Files.isReadable(parent)) {
            try (FileChannel channel = FileChannel.open(parent, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
