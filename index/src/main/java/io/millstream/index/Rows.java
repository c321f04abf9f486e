package io.millstream.index;

import io.millstream.index.JobHistory.Line;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads, adds and changes jobs in the file, with what they can be found by. For one thread.
final class Rows implements AutoCloseable {
    private static final int KIND = 1;
    private static final int PLACE = 2;
    private static final int DUE = 4;
    private static final int COLUMN_COUNT = 24;
    private static final String SELECT = "SELECT " + RowReader.COLUMNS + " FROM job WHERE ";

    private final Connection connection;
    private final Kinds kinds;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    Rows(Connection connection, Kinds kinds) {
        this.connection = connection;
        this.kinds = kinds;
    }

    PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    // Reading.

    @Nullable Row at(int life, long place) throws SQLException {
        List<Row> found = find("life=? AND place=? LIMIT 1", life, place);
        return found.isEmpty() ? null : found.getFirst();
    }

    @Nullable Row numbered(long number) throws SQLException {
        List<Row> found = find("n=?", number);
        return found.isEmpty() ? null : found.getFirst();
    }

    /// The last one of this id.
    @Nullable Row called(String id) throws SQLException {
        PreparedStatement select = statement(SELECT + "id=? ORDER BY n DESC LIMIT 1");
        select.setString(1, id);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? RowReader.read(row, kinds::numbered) : null;
        }
    }

    /// Those in places of a life from one to before another one, in the order of places.
    List<Row> between(int life, long first, long end, int most) throws SQLException {
        return find(
                "life=? AND place>=? AND place<? ORDER BY place LIMIT ?", life, first, end, most);
    }

    /// Those that were to wait until then at most.
    List<Row> due(long until, int most) throws SQLException {
        return find("due IS NOT NULL AND due<=? ORDER BY due LIMIT ?", until, most);
    }

    private List<Row> find(String condition, long... values) throws SQLException {
        PreparedStatement select = statement(SELECT + condition);
        for (int i = 0; i < values.length; i++) {
            select.setLong(i + 1, values[i]);
        }
        List<Row> found = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(RowReader.read(rows, kinds::numbered));
            }
        }
        return found;
    }

    // Writing.

    /// Stores what has changed of a job, and counts it.
    void write(Row row) throws SQLException {
        Kinds.Kind kind = kinds.of(row.queue, row.type, row.state);
        Kinds.Kind counted = row.counted;
        addLines(row);
        if (counted == null) {
            insert(row, kind);
            addMarks(row);
        } else {
            update(row, kind, !counted.equals(kind));
        }
        if (!kind.equals(counted)) {
            if (counted != null) {
                kinds.count(counted, -1);
            }
            kinds.count(kind, 1);
            row.counted = kind;
        }
        findByFailure(row);
        row.storedLife = row.life;
        row.storedPlace = row.place;
        row.storedDue = row.due;
        row.isChanged = false;
    }

    private void insert(Row row, Kinds.Kind kind) throws SQLException {
        PreparedStatement insert =
                statement(
                        "INSERT INTO job(%s) VALUES (?%s)"
                                .formatted(RowReader.COLUMNS, ",?".repeat(COLUMN_COUNT - 1)));
        insert.setLong(1, row.number);
        insert.setInt(2, kind.number);
        insert.setLong(3, row.stored);
        insert.setLong(4, row.changed);
        insert.setString(5, row.id);
        insert.setInt(6, row.attempts);
        insert.setBytes(7, row.steps.toBytes());
        setPlace(insert, 8, row);
        set(insert, 10, row.ended);
        set(insert, 11, row.due);
        set(insert, 12, row.until);
        set(insert, 13, row.priority);
        insert.setString(14, row.key);
        insert.setString(15, row.tags);
        setRest(insert, 16, row);
        insert.executeUpdate();
    }

    private static void setPlace(PreparedStatement statement, int at, Row row) throws SQLException {
        if (row.life == 0) {
            statement.setNull(at, Types.INTEGER);
            statement.setNull(at + 1, Types.INTEGER);
        } else {
            statement.setInt(at, row.life);
            statement.setLong(at + 1, row.place);
        }
    }

    private static void set(PreparedStatement statement, int at, long value) throws SQLException {
        if (value == 0) {
            statement.setNull(at, Types.INTEGER);
        } else {
            statement.setLong(at, value);
        }
    }

    private static void setRest(PreparedStatement statement, int from, Row row)
            throws SQLException {
        statement.setString(from, row.reason.isEmpty() ? null : row.reason);
        statement.setString(from + 1, row.fingerprint.isEmpty() ? null : row.fingerprint);
        statement.setString(from + 2, row.how);
        set(statement, from + 3, row.progressDone);
        set(statement, from + 4, row.progressTotal);
        statement.setString(from + 5, row.progressText);
        set(statement, from + 6, row.logStart);
        set(statement, from + 7, row.logEnd);
        set(statement, from + 8, row.logChars);
    }

    /// An index is touched whose column is named, though it be the same: only those are named that
    /// are another one.
    private void update(Row row, Kinds.Kind kind, boolean isOther) throws SQLException {
        boolean isElsewhere = row.life != row.storedLife || row.place != row.storedPlace;
        int what =
                (isOther ? KIND : 0)
                        | (isElsewhere ? PLACE : 0)
                        | (row.due == row.storedDue ? 0 : DUE);
        PreparedStatement update = statement(UPDATES.get(what));
        int at = 1;
        update.setLong(at++, row.changed);
        update.setInt(at++, row.attempts);
        update.setBytes(at++, row.steps.toBytes());
        set(update, at++, row.ended);
        set(update, at++, row.until);
        setRest(update, at, row);
        at += 9;
        if ((what & KIND) != 0) {
            update.setInt(at++, kind.number);
        }
        if ((what & PLACE) != 0) {
            setPlace(update, at, row);
            at += 2;
        }
        if ((what & DUE) != 0) {
            set(update, at++, row.due);
        }
        update.setLong(at, row.number);
        update.executeUpdate();
    }

    private static final List<String> UPDATES = updates();

    private static List<String> updates() {
        List<String> updates = new ArrayList<>();
        for (int what = 0; what <= (KIND | PLACE | DUE); what++) {
            updates.add(
                    "UPDATE job SET changed=?, attempts=?, steps=?, ended=?, until=?, reason=?,"
                            + " fingerprint=?, how=?, done=?, total=?, progress=?, log_start=?,"
                            + " log_end=?, log_chars=?"
                            + ((what & KIND) == 0 ? "" : ", kind=?")
                            + ((what & PLACE) == 0 ? "" : ", life=?, place=?")
                            + ((what & DUE) == 0 ? "" : ", due=?")
                            + " WHERE n=?");
        }
        return updates;
    }

    // What it is found by.

    private void addMarks(Row row) throws SQLException {
        for (String tag : Marks.tags(row.tags)) {
            mark(Marks.tag(tag), row.number);
        }
        if (row.key != null) {
            mark(Marks.key(row.key), row.number);
        }
    }

    private void mark(long hash, long number) throws SQLException {
        PreparedStatement insert = statement("INSERT OR IGNORE INTO mark VALUES (?,?)");
        insert.setLong(1, hash);
        insert.setLong(2, number);
        insert.executeUpdate();
    }

    private void unmark(long hash, long number) throws SQLException {
        PreparedStatement delete = statement("DELETE FROM mark WHERE hash=? AND n=?");
        delete.setLong(1, hash);
        delete.setLong(2, number);
        delete.executeUpdate();
    }

    private void findByFailure(Row row) throws SQLException {
        if (!row.fingerprint.equals(row.indexedFingerprint)) {
            if (!row.indexedFingerprint.isEmpty()) {
                unmark(Marks.fingerprint(row.indexedFingerprint), row.number);
            }
            if (!row.fingerprint.isEmpty()) {
                mark(Marks.fingerprint(row.fingerprint), row.number);
            }
            row.indexedFingerprint = row.fingerprint;
        }
        if (!row.reason.equals(row.indexedReason)) {
            if (!row.indexedReason.isEmpty()) {
                delete("DELETE FROM word WHERE rowid=?", row.number);
            }
            if (!row.reason.isEmpty()) {
                PreparedStatement words = statement("INSERT INTO word(rowid, text) VALUES (?,?)");
                words.setLong(1, row.number);
                words.setString(2, row.reason);
                words.executeUpdate();
            }
            row.indexedReason = row.reason;
        }
    }

    // Its log.

    private void addLines(Row row) throws SQLException {
        for (Line line : row.newLines) {
            PreparedStatement insert = statement("INSERT OR REPLACE INTO log VALUES (?,?,?,?,?)");
            insert.setLong(1, row.number);
            insert.setInt(2, row.logEnd++);
            insert.setLong(3, line.at().toEpochMilli());
            insert.setInt(4, line.attempt());
            insert.setString(5, line.text());
            insert.executeUpdate();
            row.logChars += line.text().length();
        }
        row.newLines.clear();
        while (row.logChars > JobHistory.LOG_CHARS_MAX && row.logStart < row.logEnd) {
            row.logChars -= cutLine(row.number, row.logStart++);
        }
    }

    /// @return how many characters it had
    private int cutLine(long number, int line) throws SQLException {
        PreparedStatement select = statement("SELECT text FROM log WHERE n=? AND line=?");
        select.setLong(1, number);
        select.setInt(2, line);
        int chars;
        try (ResultSet found = select.executeQuery()) {
            chars = found.next() ? found.getString(1).length() : 0;
        }
        PreparedStatement delete = statement("DELETE FROM log WHERE n=? AND line=?");
        delete.setLong(1, number);
        delete.setInt(2, line);
        delete.executeUpdate();
        return chars;
    }

    // Forgetting.

    /// It is found no more.
    void remove(Row row) throws SQLException {
        for (String tag : Marks.tags(row.tags)) {
            unmark(Marks.tag(tag), row.number);
        }
        if (row.key != null) {
            unmark(Marks.key(row.key), row.number);
        }
        if (!row.indexedFingerprint.isEmpty()) {
            unmark(Marks.fingerprint(row.indexedFingerprint), row.number);
        }
        if (!row.indexedReason.isEmpty()) {
            delete("DELETE FROM word WHERE rowid=?", row.number);
        }
        if (row.logEnd > 0) {
            delete("DELETE FROM log WHERE n=?", row.number);
        }
        delete("DELETE FROM job WHERE n=?", row.number);
        if (row.counted != null) {
            kinds.count(row.counted, -1);
        }
    }

    private void delete(String sql, long number) throws SQLException {
        PreparedStatement delete = statement(sql);
        delete.setLong(1, number);
        delete.executeUpdate();
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }
}
