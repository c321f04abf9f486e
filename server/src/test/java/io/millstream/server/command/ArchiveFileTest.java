package io.millstream.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.engine.Backup;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

class ArchiveFileTest {
    @TempDir Path folder;

    @Test
    void only_its_owner_reads_a_backup_also_where_half_of_one_was_left() throws IOException {
        Assumptions.assumeTrue(
                folder.getFileSystem().supportedFileAttributeViews().contains("posix"),
                "this system knows no owners");
        Path file = folder.resolve("a.zip");
        Files.writeString(folder.resolve("a.zip.part"), "left");

        try (Engine engine = Engine.open(new MemoryDisk(), EngineOptions.inMemory());
                Backup backup = engine.backup().toCompletableFuture().join()) {
            new ArchiveFile(file).write(backup::writeTo);
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(folder.resolve("a.zip.part")).doesNotExist();
    }
}
