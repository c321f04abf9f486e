package io.millstream.jobs.outbox;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// The table `millstream_outbox` of your own database, in which jobs wait that were enqueued by
/// [io.millstream.jobs.Jobs#in], until a [io.millstream.jobs.Relay] has put them into their queues.
///
/// ```
/// millstream_outbox
///   refused     0 while it waits, 1 if the store has refused it for good;   \
///               2 in the one row that names this outbox                      | the primary
///   placed_at   microseconds since 1970, by the clock of who enqueued it     | key
///   job_id      the job's id                                                /
///   form        of the job's text: 1
///   queue_name  where it goes, for people to look at
///   job         all of it, as JSON in ASCII
///   reason      why it was refused
/// ```
///
/// All methods are part of the connection's transaction, and block for the database. One thread at
/// a time uses a connection.
public final class Outbox {
    static final String TABLE = "millstream_outbox";

    private static final String RETRY =
            "UPDATE " + TABLE + " SET refused = 0, reason = NULL WHERE refused = 1";
    private static final String DISCARD = "DELETE FROM " + TABLE + " WHERE refused = 1";
    private static final String ONE = " AND job_id = ?";

    private Outbox() {}

    /// Makes the table in the connection's schema, if it is not there. Several programs may do so
    /// at once. Where changes of tables end a transaction, so does this.
    public static void create(Connection connection) throws SQLException {
        if (isThere(connection)) {
            return;
        }
        Savepoint before = savepoint(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute(ddl(connection));
        } catch (SQLException failed) {
            undo(connection, before, failed);
            if (!isThere(connection)) {
                throw failed;
            }
        }
    }

    /// The statement by which [#create] makes the table, for those who make theirs otherwise.
    public static String ddl(Connection connection) throws SQLException {
        return Dialect.of(connection).create();
    }

    private static boolean isThere(Connection connection) throws SQLException {
        Savepoint before = savepoint(connection);
        try (Statement statement = connection.createStatement();
                ResultSet none =
                        statement.executeQuery("SELECT refused FROM " + TABLE + " WHERE 1 = 0")) {
            return !none.next();
        } catch (SQLException absent) {
            undo(connection, before, absent);
            return false;
        }
    }

    /// Some databases give up the whole transaction after a failure.
    private static @Nullable Savepoint savepoint(Connection connection) throws SQLException {
        return connection.getAutoCommit() ? null : connection.setSavepoint();
    }

    private static void undo(
            Connection connection, @Nullable Savepoint before, SQLException failed) {
        if (before == null) {
            return;
        }
        try {
            connection.rollback(before);
        } catch (SQLException gone) {
            // Where making a table ends the transaction, so does it the savepoint.
            failed.addSuppressed(gone);
        }
    }

    /// What there is. Counts rows, which takes time where there are very many.
    public static OutboxLook look(Connection connection) throws SQLException {
        long waiting = 0;
        long refused = 0;
        Instant oldest = null;
        String sql =
                "SELECT refused, COUNT(*), MIN(placed_at) FROM "
                        + Dialect.of(connection).read()
                        + " WHERE refused IN (0, 1) GROUP BY refused";
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet found = select.executeQuery()) {
            while (found.next()) {
                if (found.getInt(1) == 0) {
                    waiting = found.getLong(2);
                    oldest = instant(found.getLong(3));
                } else {
                    refused = found.getLong(2);
                }
            }
        }
        return new OutboxLook(waiting, oldest, refused);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /// Those that the store has refused for good, the first ones first.
    ///
    /// @param most how many at most, 1 or more
    public static List<RefusedJob> refused(Connection connection, int most) throws SQLException {
        if (most < 1) {
            throw new IllegalArgumentException("Ask for 1 job or more, not for " + most);
        }
        Dialect dialect = Dialect.of(connection);
        List<RefusedJob> jobs = new ArrayList<>();
        String all =
                "SELECT placed_at, job_id, queue_name, job, reason FROM "
                        + dialect.read()
                        + " WHERE refused = 1 ORDER BY placed_at, job_id";
        String sql = dialect.first(all, most);
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet found = select.executeQuery()) {
            while (found.next()) {
                String reason = found.getString(5);
                jobs.add(
                        new RefusedJob(
                                found.getString(2),
                                found.getString(3),
                                found.getString(4),
                                instant(found.getLong(1)),
                                reason == null ? "" : reason));
            }
        }
        return jobs;
    }

    /// All that were refused are tried again, in their old places.
    ///
    /// @return how many
    public static int retry(Connection connection) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(RETRY)) {
            return update.executeUpdate();
        }
    }

    /// One that was refused is tried again.
    ///
    /// @return whether there was one of this id
    public static boolean retry(Connection connection, String jobId) throws SQLException {
        return change(connection, RETRY + ONE, jobId);
    }

    /// One that was refused is removed: it is never done.
    ///
    /// @return whether there was one of this id
    public static boolean discard(Connection connection, String jobId) throws SQLException {
        return change(connection, DISCARD + ONE, jobId);
    }

    private static boolean change(Connection connection, String sql, String jobId)
            throws SQLException {
        try (PreparedStatement change = connection.prepareStatement(sql)) {
            change.setString(1, jobId);
            return change.executeUpdate() > 0;
        }
    }
}
