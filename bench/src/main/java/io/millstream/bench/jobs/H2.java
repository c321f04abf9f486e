package io.millstream.bench.jobs;

import io.millstream.bench.Scratch;

import org.h2.jdbcx.JdbcDataSource;

import java.io.IOException;
import java.nio.file.Path;

import javax.sql.DataSource;

/// H2 in this process, in a file, as it is unless something else is said: what is committed is in
/// the file within half a second, and is never synced.
final class H2 extends Database {
    private final Path directory;

    private H2(DataSource source, Path directory, int connections) {
        super("H2", source, connections);
        this.directory = directory;
    }

    static H2 open(Path data, int connections) throws IOException {
        Path directory = data.resolve("h2").toAbsolutePath();
        Scratch.delete(directory);
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + directory.resolve("jobs"));
        return new H2(source, directory, connections);
    }

    @Override
    boolean isPostgres() {
        return false;
    }

    @Override
    public void close() throws IOException {
        super.close();
        Scratch.delete(directory);
    }
}
