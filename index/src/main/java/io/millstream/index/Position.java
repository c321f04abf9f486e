package io.millstream.index;

import io.millstream.api.ChannelName;
import io.millstream.api.TopicRecord;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;

/// Up to where which topic is in a file: stored in the transaction that stores what it covers.
///
/// @param topic its name, or empty if none has been read
/// @param incarnation which life of that name
/// @param next the offset of the first record that is not in it
/// @param time when the last one was stored that is, in milliseconds
/// @param digest of that one, so that it is seen if the topic has become another one
/// @param number the one that the next job gets
/// @param closed whether nothing was written since, as the last thing that was done
record Position(
        String topic,
        long incarnation,
        long next,
        long time,
        long digest,
        long number,
        boolean closed) {

    static Position read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT topic, incarnation, next, time, digest, number, closed FROM"
                                        + " position")) {
            if (!row.next()) {
                throw new SQLException("The index does not say up to where it has read");
            }
            return new Position(
                    row.getString(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getLong(6),
                    row.getBoolean(7));
        }
    }

    void write(Connection connection) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement(
                        "UPDATE position SET topic=?, incarnation=?, next=?, time=?, digest=?,"
                                + " number=?, closed=?")) {
            update.setString(1, topic);
            update.setLong(2, incarnation);
            update.setLong(3, next);
            update.setLong(4, time);
            update.setLong(5, digest);
            update.setLong(6, number);
            update.setBoolean(7, closed);
            update.executeUpdate();
        }
    }

    /// Behind a record.
    Position behind(TopicRecord record, long number) {
        return new Position(
                topic,
                incarnation,
                record.offset() + 1,
                Math.max(time, record.stored().toEpochMilli()),
                digestOf(record),
                number,
                false);
    }

    Position of(ChannelName name, long life) {
        return new Position(name.toString(), life, next, time, digest, number, false);
    }

    Position asClosed() {
        return new Position(topic, incarnation, next, time, digest, number, true);
    }

    AsOf asOf() {
        return new AsOf(next, Instant.ofEpochMilli(time));
    }

    static long digestOf(TopicRecord record) {
        return record.stored().toEpochMilli() * 31 + record.message().body().hashCode();
    }
}
