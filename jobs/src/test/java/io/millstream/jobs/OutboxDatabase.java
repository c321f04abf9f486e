package io.millstream.jobs;

import static org.junit.jupiter.api.Assumptions.abort;

import io.millstream.jobs.outbox.Outbox;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

/// A database for tests of the outbox. Who waits for a lock fails soon.
final class OutboxDatabase implements AutoCloseable {
    static final int LOCK_MILLIS = 25;

    private static @Nullable OutboxDatabase postgres;

    /// How it ends.
    private interface End {
        void end() throws SQLException;
    }

    private final DataSource source;
    private final End end;

    /// Where another process connects to, or empty.
    private final String url;

    private OutboxDatabase(DataSource source, End end, String url) {
        this.source = source;
        this.end = end;
        this.url = url;
    }

    static OutboxDatabase h2() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(
                "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=%d"
                        .formatted(UUID.randomUUID(), LOCK_MILLIS));
        return new OutboxDatabase(source, () -> run(source, "SHUTDOWN"), "");
    }

    /// The one that all tests of this process share; it ends with the process. Aborts the test,
    /// with the reason, where PostgreSQL's binary does not run.
    static synchronized OutboxDatabase postgres() {
        OutboxDatabase known = postgres;
        if (known != null) {
            return known;
        }
        try {
            EmbeddedPostgres started = EmbeddedPostgres.start();
            // Not by a connection of the pool, which would not mind it.
            run(
                    started.getPostgresDatabase(),
                    "ALTER DATABASE postgres SET lock_timeout = " + LOCK_MILLIS);
            OutboxDatabase database =
                    new OutboxDatabase(
                            pool(started.getPostgresDatabase()),
                            () -> {},
                            started.getJdbcUrl("postgres", "postgres"));
            postgres = database;
            return database;
        } catch (IOException | IllegalStateException | SQLException cannot) {
            return abort("PostgreSQL does not run here: " + cannot);
        }
    }

    /// Connections that were closed are used again.
    private static DataSource pool(DataSource source) {
        Deque<Connection> idle = new ConcurrentLinkedDeque<>();
        return (DataSource)
                Proxy.newProxyInstance(
                        DataSource.class.getClassLoader(),
                        new Class<?>[] {DataSource.class},
                        (_, method, _) -> {
                            if (!method.getName().equals("getConnection")) {
                                throw new UnsupportedOperationException(method.getName());
                            }
                            Connection connection = idle.poll();
                            return lent(
                                    connection == null ? source.getConnection() : connection, idle);
                        });
    }

    private static Connection lent(Connection connection, Deque<Connection> idle) {
        AtomicBoolean isBack = new AtomicBoolean();
        return (Connection)
                Proxy.newProxyInstance(
                        Connection.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (_, method, arguments) -> {
                            if (isBack.get()) {
                                throw new SQLException("The connection is closed.");
                            }
                            try {
                                if (!method.getName().equals("close")) {
                                    return method.invoke(connection, arguments);
                                }
                                isBack.set(true);
                                if (!connection.getAutoCommit()) {
                                    connection.rollback();
                                    connection.setAutoCommit(true);
                                }
                                idle.push(connection);
                                return null;
                            } catch (InvocationTargetException failed) {
                                throw failed.getCause();
                            }
                        });
    }

    DataSource source() {
        return source;
    }

    String url() {
        return url;
    }

    /// A connection with a transaction.
    Connection transaction() throws SQLException {
        Connection connection = source.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    void renew() throws SQLException {
        run("DROP TABLE IF EXISTS millstream_outbox");
        try (Connection connection = source.getConnection()) {
            Outbox.create(connection);
        }
    }

    void run(String sql) throws SQLException {
        run(source, sql);
    }

    /// Whether it could be done now: a relay may have the rows locked for a moment, and nobody
    /// waits for long here.
    boolean tries(String sql) {
        try {
            run(sql);
            return true;
        } catch (SQLException _) {
            return false;
        }
    }

    private static void run(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    long count(String where) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + where)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /// Jobs that wait.
    long waiting() throws SQLException {
        return count("millstream_outbox WHERE refused = 0");
    }

    @Override
    public void close() throws SQLException {
        end.end();
    }
}
