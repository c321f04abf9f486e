package io.millstream.jobs.outbox;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/// An outbox over one connection, as those see it who write jobs into it and relay them. Never
/// commits, but for [#identity]. A statement that takes longer than [#STATEMENT_SECONDS_MAX] fails.
public final class OutboxTable {
    /// The newest form of a job's text that is known. What has a newer one is left to those who
    /// know it.
    public static final int FORM = 1;

    /// What a statement may take.
    public static final int STATEMENT_SECONDS_MAX = 30;

    /// How many queues can be left out at once.
    public static final int QUEUES_LEFT_OUT_MAX = 100;

    static final int QUEUE_CHARS_MAX = 255;
    static final int REASON_CHARS_MAX = 1000;

    private static final int ROWS_PER_STATEMENT = 500;
    private static final int ROWS_FETCHED = 50;
    private static final int ID_BITS = 128;
    private static final int ID_RADIX = 32;

    private static final String INSERT =
            "INSERT INTO "
                    + Outbox.TABLE
                    + " (refused, placed_at, job_id, form, queue_name, job)"
                    + " VALUES (?, ?, ?, ?, ?, ?)";
    private static final String WAITING = " WHERE refused = 0 AND form <= " + FORM;

    /// A row that was put may have been marked by a relay that was not to know.
    private static final String DELETE =
            "DELETE FROM "
                    + Outbox.TABLE
                    + " WHERE refused IN (0, 1) AND placed_at = ? AND job_id = ?";

    private static final String REFUSE =
            "UPDATE "
                    + Outbox.TABLE
                    + " SET refused = 1, reason = ?"
                    + " WHERE refused = 0 AND placed_at = ? AND job_id = ?";
    private static final String IDENTITY =
            "SELECT queue_name FROM " + Outbox.TABLE + " WHERE refused = 2";

    private final Connection connection;
    private final Dialect dialect;

    /// Over a connection that does not commit by itself.
    public OutboxTable(Connection connection) throws SQLException {
        this.connection = connection;
        this.dialect = Dialect.of(connection);
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setQueryTimeout(STATEMENT_SECONDS_MAX);
        return statement;
    }

    /// Adds jobs.
    public void insert(List<OutboxRow> rows) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int i = 0; i < rows.size(); i++) {
                OutboxRow row = rows.get(i);
                set(insert, 0, row.key(), FORM, row.queue(), row.job());
                insert.addBatch();
                if ((i + 1) % ROWS_PER_STATEMENT == 0 || i + 1 == rows.size()) {
                    insert.executeBatch();
                }
            }
        }
    }

    private static void set(
            PreparedStatement insert,
            int refused,
            OutboxKey key,
            int form,
            String queue,
            String job)
            throws SQLException {
        insert.setInt(1, refused);
        insert.setLong(2, key.placedAt());
        insert.setString(3, key.jobId());
        insert.setInt(4, form);
        insert.setString(5, queue);
        insert.setString(6, job);
    }

    /// The jobs whose turn is first, in their order.
    ///
    /// @param most how many at most
    /// @param bytes the first one is returned whatever its size, others as long as all of them
    ///   together are not longer
    /// @param leftOut queues whose jobs are passed over, at most [#QUEUES_LEFT_OUT_MAX]
    public List<OutboxRow> waiting(int most, long bytes, Collection<String> leftOut)
            throws SQLException {
        List<OutboxRow> rows = new ArrayList<>();
        long sum = 0;
        try (PreparedStatement select = prepare(waitingSql(most, leftOut.size()))) {
            select.setFetchSize(Math.min(most, ROWS_FETCHED));
            int place = 1;
            for (String queue : leftOut) {
                select.setString(place++, queue);
            }
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    String job = found.getString(4);
                    sum += job.length();
                    if (!rows.isEmpty() && sum > bytes) {
                        break;
                    }
                    OutboxKey key = new OutboxKey(found.getLong(1), found.getString(2));
                    rows.add(new OutboxRow(key, found.getString(3), job));
                }
            }
        }
        return rows;
    }

    /// What names the first job that waits, or null if none does.
    public @Nullable OutboxKey first() throws SQLException {
        String all =
                "SELECT placed_at, job_id FROM "
                        + dialect.read()
                        + WAITING
                        + " ORDER BY placed_at, job_id";
        String sql = dialect.first(all, 1);
        try (PreparedStatement select = prepare(sql);
                ResultSet found = select.executeQuery()) {
            return found.next() ? new OutboxKey(found.getLong(1), found.getString(2)) : null;
        }
    }

    private String waitingSql(int most, int leftOut) {
        String others =
                leftOut == 0
                        ? ""
                        : " AND queue_name NOT IN (%s)"
                                .formatted(String.join(", ", Collections.nCopies(leftOut, "?")));
        String all =
                "SELECT placed_at, job_id, queue_name, job FROM "
                        + dialect.read()
                        + WAITING
                        + others
                        + " ORDER BY placed_at, job_id";
        return dialect.first(all, most);
    }

    /// Removes jobs, whether they are there or not.
    public void delete(List<OutboxKey> keys) throws SQLException {
        if (keys.isEmpty()) {
            return;
        }
        try (PreparedStatement delete = prepare(DELETE)) {
            for (OutboxKey key : keys) {
                delete.setLong(1, key.placedAt());
                delete.setString(2, key.jobId());
                delete.addBatch();
            }
            delete.executeBatch();
        }
    }

    /// A job that waits does not wait any more, and stays.
    ///
    /// @param reason in words; what is not printable ASCII, or too long, is shown as [#shown] does
    public void refuse(OutboxKey key, String reason) throws SQLException {
        try (PreparedStatement update = prepare(REFUSE)) {
            update.setString(1, shown(reason, REASON_CHARS_MAX));
            update.setLong(2, key.placedAt());
            update.setString(3, key.jobId());
            update.executeUpdate();
        }
    }

    /// What tells this outbox from all others: it is in the table, so a database has it wherever it
    /// is and whoever asks. Ends the transaction.
    public String identity() throws SQLException {
        String known = knownIdentity();
        if (known != null) {
            return known;
        }
        String made = new BigInteger(ID_BITS, new SecureRandom()).toString(ID_RADIX);
        try (PreparedStatement insert = prepare(INSERT)) {
            set(insert, 2, new OutboxKey(0, "outbox"), 0, made, "{}");
            insert.executeUpdate();
            connection.commit();
        } catch (SQLException failed) {
            // Somebody else may have made it just now.
            connection.rollback();
            String others = knownIdentity();
            if (others == null) {
                throw failed;
            }
            return others;
        }
        return made;
    }

    private @Nullable String knownIdentity() throws SQLException {
        String found = null;
        try (PreparedStatement select = prepare(IDENTITY);
                ResultSet row = select.executeQuery()) {
            if (row.next()) {
                found = row.getString(1);
            }
        }
        connection.commit();
        return found;
    }

    /// A queue's name as the table has it.
    public static String shown(String queue) {
        return shown(queue, QUEUE_CHARS_MAX);
    }

    /// What every database can store in so many bytes: what is not printable ASCII becomes what it
    /// is in Java's sources, and the rest is cut.
    private static String shown(String text, int chars) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length() && shown.length() < chars; i++) {
            char next = text.charAt(i);
            if (next >= ' ' && next <= '~') {
                shown.append(next);
            } else {
                shown.append("\\u%04x".formatted((int) next));
            }
        }
        return shown.substring(0, Math.min(shown.length(), chars));
    }
}
