package io.millstream;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;

/// Which messages have been handled, in a table of your own database: so that a message that is
/// delivered twice has its effect once.
///
/// ```java
/// connection.setAutoCommit(false);
/// if (Inbox.once(connection, "billing", message.id())) {
///     … write what the message causes, on the same connection …
/// }
/// connection.commit();
/// delivery.done();
/// ```
///
/// The note and the effect are one transaction: both are there or neither. Works on every database
/// with primary keys and savepoints. Methods block for the database; one thread at a time uses a
/// connection.
public final class Inbox {
    private static final String CREATE =
            "CREATE TABLE millstream_inbox (consumer VARCHAR(255) NOT NULL, message_id VARCHAR(255)"
                    + " NOT NULL, handled_at TIMESTAMP NOT NULL, PRIMARY KEY (consumer,"
                    + " message_id))";
    private static final String SELECT =
            "SELECT 1 FROM millstream_inbox WHERE consumer = ? AND message_id = ?";
    private static final String INSERT =
            "INSERT INTO millstream_inbox (consumer, message_id, handled_at) VALUES (?, ?, ?)";
    private static final String DELETE = "DELETE FROM millstream_inbox WHERE handled_at < ?";

    private static final String TABLE = "millstream_inbox";
    private static final int NAME_CHARS_MAX = 255;

    /// The class of SQL states that say that a constraint was violated.
    private static final String CONSTRAINT = "23";

    private Inbox() {}

    /// Makes the table `millstream_inbox` in the connection's schema, if it is not there. Part of
    /// the connection's transaction where the database has it so; not part of handling messages.
    /// Several programs may do so at once.
    public static void create(Connection connection) throws SQLException {
        if (isThere(connection)) {
            return;
        }
        Savepoint before = connection.getAutoCommit() ? null : connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            statement.execute(CREATE);
        } catch (SQLException failed) {
            if (before != null) {
                undo(connection, before, failed);
            }
            if (!isThere(connection)) {
                throw failed;
            }
        }
    }

    /// Where making a table ends the transaction, the savepoint is gone, and nothing is spoilt.
    private static void undo(Connection connection, Savepoint before, SQLException failed) {
        try {
            connection.rollback(before);
        } catch (SQLException gone) {
            failed.addSuppressed(gone);
        }
    }

    /// Compares the schema's name itself: as an argument it would be a pattern.
    private static boolean isThere(Connection connection) throws SQLException {
        String schema = connection.getSchema();
        try (ResultSet tables =
                connection.getMetaData().getTables(connection.getCatalog(), null, "%", null)) {
            while (tables.next()) {
                String in = tables.getString("TABLE_SCHEM");
                if (TABLE.equalsIgnoreCase(tables.getString("TABLE_NAME"))
                        && (schema == null || in == null || schema.equals(in))) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Whether `consumer` sees this message for the first time; notes that it has. If another
    /// transaction is noting the same message, waits for its end.
    ///
    /// @param consumer who handles messages by this inbox, 1 to 255 characters
    /// @param messageId what names the message, the same at each delivery; 1 to 255 characters
    /// @throws IllegalArgumentException if one of these is missing, or too long
    /// @throws IllegalStateException if the connection commits by itself: the note would be there
    ///   before the effect
    public static boolean once(Connection connection, String consumer, String messageId)
            throws SQLException {
        if (connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "The connection commits each statement by itself. Call setAutoCommit(false),"
                            + " and commit when the message's effect is written.");
        }
        requireName(consumer, "consumer");
        requireName(messageId, "message id");
        return !isNoted(connection, consumer, messageId) && note(connection, consumer, messageId);
    }

    /// What a database would refuse must not look like what is there already.
    private static void requireName(@Nullable String name, String what) {
        if (name == null || name.isEmpty() || name.length() > NAME_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "An inbox needs a %s of 1 to %d characters, not %s"
                            .formatted(
                                    what,
                                    NAME_CHARS_MAX,
                                    name == null ? "none" : name.length() + " characters"));
        }
    }

    private static boolean isNoted(Connection connection, String consumer, String messageId)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT)) {
            select.setString(1, consumer);
            select.setString(2, messageId);
            try (ResultSet found = select.executeQuery()) {
                return found.next();
            }
        }
    }

    /// In a savepoint, because some databases give up the whole transaction after a failure.
    private static boolean note(Connection connection, String consumer, String messageId)
            throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setString(1, consumer);
            insert.setString(2, messageId);
            insert.setTimestamp(3, Timestamp.from(Instant.now()));
            insert.executeUpdate();
        } catch (SQLException failed) {
            connection.rollback(before);
            if (failed.getSQLState() != null && failed.getSQLState().startsWith(CONSTRAINT)) {
                return false;
            }
            throw failed;
        }
        return true;
    }

    /// Forgets what was noted before `time`. What is delivered again after that counts as new, so
    /// keep notes longer than any message can come back.
    ///
    /// @return how many notes went
    public static int forgetBefore(Connection connection, Instant time) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
            delete.setTimestamp(1, Timestamp.from(time));
            return delete.executeUpdate();
        }
    }
}
