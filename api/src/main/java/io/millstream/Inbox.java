package io.millstream;

import org.jspecify.annotations.Nullable;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Instant;
import java.util.HexFormat;

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
///
/// ```
/// millstream_inbox
///   note_hash       SHA-256 of what follows, in full, as 64 hex digits: the key
///   consumer        who handles it        \
///   message_source  who published it       | for people to look at: what is not printable ASCII as
///   message_id      what names it         /  in Java's sources, cut after 255 characters
///   handled_at      milliseconds since 1970
/// ```
///
/// The key is a hash because databases disagree about when texts are equal: to some, `a` is `A`, or
/// blanks at the end are nothing. The time is a number because a TIMESTAMP is something else on SQL
/// Server.
public final class Inbox {
    private static final String CREATE =
            "CREATE TABLE millstream_inbox (note_hash VARCHAR(64) NOT NULL, consumer VARCHAR(255)"
                    + " NOT NULL, message_source VARCHAR(255), message_id VARCHAR(255) NOT NULL,"
                    + " handled_at NUMERIC(19) NOT NULL, PRIMARY KEY (note_hash))";
    private static final String SELECT = "SELECT 1 FROM millstream_inbox WHERE note_hash = ?";
    private static final String INSERT =
            "INSERT INTO millstream_inbox (note_hash, consumer, message_source, message_id,"
                    + " handled_at) VALUES (?, ?, ?, ?, ?)";
    private static final String DELETE = "DELETE FROM millstream_inbox WHERE handled_at < ?";

    private static final String TABLE = "millstream_inbox";
    private static final int SHOWN_CHARS_MAX = 255;

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
                // Where making a table ends the transaction, the savepoint is gone, and nothing is
                // spoilt.
                undo(connection, before, failed);
            }
            if (!isThere(connection)) {
                throw failed;
            }
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
    /// transaction is noting the same message, waits for its end: rolled back, the message is new
    /// here; committed, it is not. A database that waits no longer throws, and nothing is noted.
    ///
    /// @param consumer who handles messages by this inbox
    /// @param messageId what names the message, the same at each delivery and different from that
    ///   of every other message that this consumer gets; of any length
    /// @throws IllegalArgumentException if one of these is missing or empty
    /// @throws IllegalStateException if the connection commits by itself: the note would be there
    ///   before the effect
    public static boolean once(Connection connection, String consumer, String messageId)
            throws SQLException {
        return once(connection, new Note(consumer, null, messageId));
    }

    /// As [#once(Connection, String, String)], for messages whose ids are different only from those
    /// of the same source, as those of CloudEvents are.
    ///
    /// @param source who published the message
    /// @param messageId what names it there
    public static boolean once(
            Connection connection, String consumer, String source, String messageId)
            throws SQLException {
        requirePresent(source, "message source");
        return once(connection, new Note(consumer, source, messageId));
    }

    /// As [#once(Connection, String, String, String)], with the event's source and id: published
    /// twice with the same of both, it is handled once.
    ///
    /// @param event as a reader or a subscription got it
    public static boolean once(Connection connection, String consumer, StoredEvent<?> event)
            throws SQLException {
        return once(connection, consumer, event.event().source(), event.event().id());
    }

    private static boolean once(Connection connection, Note note) throws SQLException {
        if (connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "The connection commits each statement by itself. Call setAutoCommit(false),"
                            + " and commit when the message's effect is written.");
        }
        String hash = note.hash();
        return !isNoted(connection, hash) && isNewlyNoted(connection, hash, note);
    }

    /// Who has handled what.
    private record Note(String consumer, @Nullable String source, String messageId) {
        Note {
            requirePresent(consumer, "consumer");
            requirePresent(messageId, "message id");
        }

        /// Different for different notes: the parts go in one by one with their lengths, and as
        /// they are, because encoding them would make one character of all that it cannot encode.
        String hash() {
            MessageDigest digest = sha256();
            update(digest, consumer);
            update(digest, source);
            update(digest, messageId);
            return HexFormat.of().formatHex(digest.digest());
        }

        private static void update(MessageDigest digest, @Nullable String part) {
            if (part == null) {
                update(digest, -1);
                return;
            }
            update(digest, part.length() >> Character.SIZE);
            update(digest, part.length());
            for (int i = 0; i < part.length(); i++) {
                update(digest, part.charAt(i));
            }
        }

        private static void update(MessageDigest digest, int twoBytes) {
            digest.update((byte) (twoBytes >> Byte.SIZE));
            digest.update((byte) twoBytes);
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("Every Java has SHA-256", impossible);
            }
        }
    }

    /// What has no id must not look like what was handled already.
    private static void requirePresent(@Nullable String part, String what) {
        if (part == null || part.isEmpty()) {
            throw new IllegalArgumentException(
                    "An inbox needs a %s of one character or more, not %s"
                            .formatted(what, part == null ? "none" : "an empty one"));
        }
    }

    private static boolean isNoted(Connection connection, String hash) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT)) {
            select.setString(1, hash);
            try (ResultSet found = select.executeQuery()) {
                return found.next();
            }
        }
    }

    /// In a savepoint, because some databases give up the whole transaction after a failure.
    private static boolean isNewlyNoted(Connection connection, String hash, Note note)
            throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setString(1, hash);
            insert.setString(2, shown(note.consumer));
            insert.setString(3, note.source == null ? null : shown(note.source));
            insert.setString(4, shown(note.messageId));
            insert.setLong(5, System.currentTimeMillis());
            insert.executeUpdate();
            return true;
        } catch (SQLException failed) {
            // A database that has ended the whole transaction has lost what came before, too.
            if (undo(connection, before, failed) && isDuplicate(connection, hash, failed)) {
                return false;
            }
            throw failed;
        }
    }

    /// By the SQL state, because a transaction may not see what others have noted since it began;
    /// by a look, because not every driver tells SQL states.
    private static boolean isDuplicate(Connection connection, String hash, SQLException failed)
            throws SQLException {
        String state = failed.getSQLState();
        return (state != null && state.startsWith(CONSTRAINT)) || isNoted(connection, hash);
    }

    /// @return whether the transaction goes on as if nothing had failed
    private static boolean undo(Connection connection, Savepoint before, SQLException failed) {
        try {
            connection.rollback(before);
            return true;
        } catch (SQLException gone) {
            failed.addSuppressed(gone);
            return false;
        }
    }

    /// What every database can store in so many bytes.
    private static String shown(String part) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < part.length() && shown.length() < SHOWN_CHARS_MAX; i++) {
            char next = part.charAt(i);
            if (next >= ' ' && next <= '~') {
                shown.append(next);
            } else {
                shown.append("\\u%04x".formatted((int) next));
            }
        }
        return shown.substring(0, Math.min(shown.length(), SHOWN_CHARS_MAX));
    }

    /// Forgets what was noted before `time`. What is delivered again after that counts as new, so
    /// keep notes longer than any message can come back.
    ///
    /// @return how many notes went
    public static int forgetBefore(Connection connection, Instant time) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
            delete.setLong(1, time.toEpochMilli());
            return delete.executeUpdate();
        }
    }
}
