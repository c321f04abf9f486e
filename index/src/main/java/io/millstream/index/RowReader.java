package io.millstream.index;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.IntFunction;

/// Reads rows of the table of jobs.
final class RowReader {
    static final String COLUMNS =
            "n, kind, stored, changed, id, attempts, steps, life, place, ended, due, until,"
                    + " priority, key, tags, reason, fingerprint, how, done, total, progress,"
                    + " log_start, log_end, log_chars";

    private RowReader() {}

    /// @param kinds all that there are, by their numbers
    static Row read(ResultSet from, IntFunction<Kinds.@Nullable Kind> kinds) throws SQLException {
        Kinds.Kind kind = kinds.apply(from.getInt(2));
        if (kind == null) {
            throw new SQLException("Job %d is of no kind".formatted(from.getLong(1)));
        }
        Row row = new Row(from.getLong(1), from.getLong(3), kind.name.queue());
        row.counted = kind;
        row.type = kind.name.type().isEmpty() ? null : kind.name.type();
        row.state = kind.name.state();
        row.changed = from.getLong(4);
        row.id = from.getString(5);
        row.attempts = from.getInt(6);
        row.steps = new Steps(from.getBytes(7));
        row.life = from.getInt(8);
        row.place = from.getLong(9);
        row.ended = from.getLong(10);
        row.due = from.getLong(11);
        row.until = from.getLong(12);
        row.priority = from.getInt(13);
        row.key = from.getString(14);
        row.tags = from.getString(15);
        row.reason = orEmpty(from.getString(16));
        row.fingerprint = orEmpty(from.getString(17));
        row.how = from.getString(18);
        row.progressDone = from.getLong(19);
        row.progressTotal = from.getLong(20);
        row.progressText = from.getString(21);
        row.logStart = from.getInt(22);
        row.logEnd = from.getInt(23);
        row.logChars = from.getInt(24);
        row.storedLife = row.life;
        row.storedPlace = row.place;
        row.storedDue = row.due;
        row.indexedReason = row.reason;
        row.indexedFingerprint = row.fingerprint;
        return row;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
