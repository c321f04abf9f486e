package io.millstream.server.command;

import io.millstream.api.MillstreamException;
import io.millstream.engine.Restore;
import io.millstream.engine.archive.Manifest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// `millstream restore`: a directory from a backup.
final class RestoreRun {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Surroundings surroundings;

    RestoreRun(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    int run(Path file, Path directory) {
        Instant began = Instant.now();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
            Manifest manifest = Restore.to(in, directory);
            Told.tell(
                    surroundings.out(),
                    "Restored " + file + " to " + directory,
                    manifest,
                    Files.size(file),
                    Duration.between(began, Instant.now()));
            return ExitStatus.DONE;
        } catch (NoSuchFileException missing) {
            throw new MillstreamException("There is no file " + file + ".", missing);
        } catch (IOException unreadable) {
            throw new MillstreamException(
                    "Could not read %s: %s".formatted(file, unreadable.getMessage()), unreadable);
        }
    }
}
