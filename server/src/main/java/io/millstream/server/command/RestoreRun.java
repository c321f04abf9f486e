package io.millstream.server.command;

import io.millstream.api.MillstreamException;
import io.millstream.engine.Restore;
import io.millstream.engine.archive.Manifest;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

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
    static final String NAME = "restore";
    private static final int BUFFER_BYTES = 1 << 20;

    private final Surroundings surroundings;

    RestoreRun(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name(NAME);
        spec.usageMessage()
                .description(
                        "Makes a data directory of a backup. The directory must be empty or not"
                                + " exist.")
                .customSynopsis("millstream restore FILE DIRECTORY");
        return spec.addPositional(Paths.spec());
    }

    int run(ParseResult typed) {
        Paths paths =
                Paths.of(typed, surroundings, 2, "the backup and the directory to restore it to");
        return restore(paths.get(0), paths.get(1));
    }

    private int restore(Path file, Path directory) {
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
