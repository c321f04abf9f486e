package io.millstream.bench.jobs;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import javax.sql.DataSource;

/// A database that peers keep their jobs in, on a directory of its own, and a pool of connections
/// to it.
abstract class Database implements AutoCloseable {
    private final String name;
    private final HikariDataSource pool;

    /// @param connections how many at once, all of which stay open
    Database(String name, DataSource source, int connections) {
        this.name = name;
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(connections);
        this.pool = new HikariDataSource(config);
    }

    /// How many connections are enough for so many jobs at once, as many callers, and what looks
    /// for jobs beside them.
    static int connections(int workers) {
        return 2 * workers + 8;
    }

    String name() {
        return name;
    }

    DataSource pool() {
        return pool;
    }

    /// Whether its statements are PostgreSQL's.
    abstract boolean isPostgres();

    /// Its own processes.
    List<ProcessHandle> processes() {
        return List.of();
    }

    void run(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// The first column of the first row.
    static String ask(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    @Override
    public void close() throws IOException {
        pool.close();
    }
}
