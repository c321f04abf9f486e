package io.millstream.testkit.postgres;

import io.millstream.api.Bytes;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.View;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The rows of small keyed tables.
final class Cells {

    private static final int VALUE_BYTES_MAX = 1024 * 1024;

    private static final int MILLIS = 1000;
    private static final int NANOS = 1_000_000;

    private static final String LIVE =
            " AND (expiry_seconds IS NULL OR (expiry_seconds, expiry_nanos) > (?, ?))";

    private static final String WRITE =
            "INSERT INTO cell VALUES (?, ?, ?, ?, ?::bigint, ?::integer)"
                    + " ON CONFLICT (grid, key) DO UPDATE SET (value, version, expiry_seconds,"
                    + " expiry_nanos) = (EXCLUDED.value, EXCLUDED.version,"
                    + " EXCLUDED.expiry_seconds, EXCLUDED.expiry_nanos)";

    private final Tx tx;

    Cells(Tx tx) {
        this.tx = tx;
    }

    Effect write(Operation.Write write) throws SQLException, Commits.No {
        String what = write.table() + "/" + write.key();
        Bytes value = write.value();
        if (value != null && value.length() > VALUE_BYTES_MAX) {
            throw new Commits.No(
                    new Refusal.TooLarge("Row " + what, value.length(), VALUE_BYTES_MAX));
        }
        tx.changing();
        byte[] table = Tx.utf8(write.table());
        byte[] key = Tx.utf8(write.key());
        long before = version(table, key);
        Commits.expect(write.expect(), what, before);
        if (value == null) {
            tx.update("DELETE FROM cell WHERE grid = ? AND key = ?", table, key);
            return before == 0 ? Effect.Plain.PLAIN : new Effect.Changed(tx.nextNumber());
        }
        long version = tx.nextNumber();
        Instant expiry = write.expiresAt();
        tx.update(
                WRITE,
                table,
                key,
                value.toArray(),
                version,
                expiry == null ? null : (Object) expiry.getEpochSecond(),
                expiry == null ? null : (Object) expiry.getNano());
        return new Effect.Changed(version);
    }

    private long version(byte[] table, byte[] key) throws SQLException {
        String sql = "SELECT version FROM cell WHERE grid = ? AND key = ?" + LIVE + " FOR UPDATE";
        try (PreparedStatement statement =
                        tx.prepare(
                                sql,
                                table,
                                key,
                                Math.floorDiv(tx.now(), MILLIS),
                                Math.floorMod(tx.now(), MILLIS) * NANOS);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /// Up to `limit` rows behind `after`, in the order of their keys' bytes.
    List<View.RowView> list(String table, String prefix, String after, int limit)
            throws SQLException {
        String sql =
                "SELECT key, value, version, expiry_seconds, expiry_nanos FROM cell"
                        + " WHERE grid = ? AND substring(key FROM 1 FOR ?) = ? AND key > ?"
                        + LIVE
                        + " ORDER BY key LIMIT ?";
        byte[] begin = Tx.utf8(prefix);
        List<View.RowView> rows = new ArrayList<>();
        try (PreparedStatement statement =
                        tx.prepare(
                                sql,
                                Tx.utf8(table),
                                begin.length,
                                begin,
                                Tx.utf8(after == null ? "" : after),
                                Math.floorDiv(tx.now(), MILLIS),
                                Math.floorMod(tx.now(), MILLIS) * NANOS,
                                limit);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                Long seconds = row.getObject(4, Long.class);
                rows.add(
                        new View.RowView(
                                new String(row.getBytes(1), StandardCharsets.UTF_8),
                                Bytes.of(row.getBytes(2)),
                                row.getLong(3),
                                seconds == null
                                        ? null
                                        : Instant.ofEpochSecond(seconds, row.getInt(5))));
            }
        }
        return rows;
    }
}
