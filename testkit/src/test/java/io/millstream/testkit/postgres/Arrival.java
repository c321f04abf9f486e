package io.millstream.testkit.postgres;

import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Via;
import io.millstream.engine.state.StoredMessage;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;

/// A message that comes into a queue.
///
/// @param queue which queue
/// @param sequence its place there
/// @param place since when it stands there
/// @param due when it may be handed out, or null for now
/// @param stored when it was put first, wherever that was
/// @param delivered when it was first handed out, or null
/// @param deliveries how often so far
/// @param via how it came, pickled, or null if a producer put it
/// @param size what counts against limits
/// @param body as the engine stores it
record Arrival(
        long queue,
        long sequence,
        long place,
        Long due,
        long stored,
        Long delivered,
        int deliveries,
        byte[] via,
        int size,
        byte[] body) {

    static final String INSERT =
            "INSERT INTO message (channel, sequence, place, stored_there, due, stored, delivered,"
                    + " deliveries, via, size, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    static Arrival put(QueueRow queue, Message message, long now) {
        long delay = Durations.millis(message.delay());
        Long due = delay == 0 ? null : Long.valueOf(now + delay);
        return new Arrival(
                queue.id(),
                queue.sequence(),
                due == null ? queue.place() : due,
                due,
                now,
                null,
                0,
                null,
                Math.toIntExact(size(message)),
                StoredMessage.encode(message));
    }

    static byte[] story(Via via) {
        return via instanceof Via.Direct ? null : Pickle.write(via);
    }

    /// What counts against limits: body, key and headers.
    static long size(Message message) {
        long bytes = message.body().length();
        if (message.key() != null) bytes += message.key().length();
        for (Header header : message.headers()) {
            bytes += header.name().length() + header.type().length() + header.value().length();
        }
        return bytes;
    }

    void set(PreparedStatement statement) throws SQLException {
        statement.setLong(1, queue);
        statement.setLong(2, sequence);
        statement.setLong(3, place);
        statement.setBoolean(4, due == null);
        set(statement, 5, due);
        statement.setLong(6, stored);
        set(statement, 7, delivered);
        statement.setInt(8, deliveries);
        statement.setBytes(9, via);
        statement.setInt(10, size);
        statement.setBytes(11, body);
    }

    private static void set(PreparedStatement statement, int index, Long value)
            throws SQLException {
        if (value == null) {
            statement.setNull(index, Types.BIGINT);
        } else {
            statement.setLong(index, value);
        }
    }
}
