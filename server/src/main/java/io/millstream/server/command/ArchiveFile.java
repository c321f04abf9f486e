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

/// A backup's file. It is written as `FILE.part`, synced, read once more and proved, and only then
/// gets its name: a file without that ending is a complete backup.
record ArchiveFile(Path path) {

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
        try (FileChannel channel =
                FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            source.writeTo(Channels.newOutputStream(channel));
            channel.force(true);
        }
    }

    private void syncName() throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix && parent != null && Files.isReadable(parent)) {
            try (FileChannel channel = FileChannel.open(parent, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
