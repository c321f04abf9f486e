package io.millstream.bench.jobs;

import io.millstream.bench.Scratch;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.sql.DataSource;

/// A server of PostgreSQL's own binaries. The artefact that brings them is for tests and turns
/// syncing off; here it is on, and that is asked of the server itself.
final class Postgres extends Database {
    private static final Map<String, String> SETTINGS = settings();

    private final EmbeddedPostgres server;
    private final Path directory;

    private Postgres(EmbeddedPostgres server, Path directory, int connections) {
        super("PostgreSQL", server.getPostgresDatabase(), connections);
        this.server = server;
        this.directory = directory;
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("fsync", "on");
        settings.put("synchronous_commit", "on");
        settings.put("full_page_writes", "on");
        settings.put("shared_buffers", "512MB");
        settings.put("max_wal_size", "4GB");
        settings.put("max_connections", "600");
        return settings;
    }

    static Postgres open(Path data, int connections) throws IOException, SQLException {
        Path directory = data.resolve("postgres");
        Scratch.delete(directory);
        EmbeddedPostgres.Builder builder =
                EmbeddedPostgres.builder().setDataDirectory(directory).setCleanDataDirectory(true);
        SETTINGS.forEach(builder::setServerConfig);
        EmbeddedPostgres server = builder.start();
        for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
            String is = ask(server.getPostgresDatabase(), "SHOW " + setting);
            if (!is.equals("on")) {
                server.close();
                throw new IllegalStateException(
                        "PostgreSQL's %s is %s, so it would not be measured as it has to be used"
                                .formatted(setting, is));
            }
        }
        return new Postgres(server, directory, connections);
    }

    /// Its version and settings, in words.
    static String describe(DataSource source) throws SQLException {
        return "PostgreSQL %s (%s)"
                .formatted(
                        ask(source, "SHOW server_version").replaceAll(" .*", ""),
                        SETTINGS.entrySet().stream()
                                .map(one -> one.getKey() + "=" + one.getValue())
                                .collect(Collectors.joining(", ")));
    }

    @Override
    boolean isPostgres() {
        return true;
    }

    /// The server and its children, one for each connection.
    @Override
    List<ProcessHandle> processes() {
        try (Stream<String> lines = Files.lines(directory.resolve("postmaster.pid"))) {
            long first = Long.parseLong(lines.findFirst().orElse("").strip());
            return ProcessHandle.of(first)
                    .map(server -> Stream.concat(Stream.of(server), server.descendants()).toList())
                    .orElse(List.of());
        } catch (IOException | NumberFormatException unknown) {
            return List.of();
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        server.close();
        Scratch.delete(directory);
    }
}
