package io.millstream.server.broker;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The file that tells scripts that the server is ready, and where. It appears complete or not at
/// all:
///
/// ```
/// {"pid":4711,"http":7171,"aws":9324}
/// ```
final class ReadyFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final long pid = ProcessHandle.current().pid();

    ReadyFile(Path file) {
        this.file = file;
    }

    /// Removes what a killed server left, which would tell a waiting script of a dead process.
    void clear() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed("removed", e);
        }
    }

    void write(List<Door> doors) {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("pid", pid);
        doors.forEach(door -> content.put(door.name(), door.port()));
        Path unfinished = file.resolveSibling(file.getFileName() + "." + pid + ".tmp");
        try {
            Files.writeString(unfinished, JSON.writeValueAsString(content) + "\n");
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed("written", e);
        }
    }

    /// Removes it if it is still this process's.
    void remove() throws IOException {
        if (Files.exists(file) && isOurs()) {
            Files.delete(file);
        }
    }

    private boolean isOurs() throws IOException {
        try {
            return JSON.readTree(Files.readString(file)).path("pid").asLong(0) == pid;
        } catch (JacksonException e) {
            return false;
        }
    }

    private StartException failed(String what, IOException e) {
        return new StartException(
                "The ready file "
                        + file
                        + " could not be "
                        + what
                        + " ("
                        + e.getClass().getSimpleName()
                        + "). Give this user write permission in its directory, or name another"
                        + " file with --ready-file=FILE.",
                e);
    }
}
