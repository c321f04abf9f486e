package io.millstream.testkit.postgres;

import io.millstream.api.Message;
import io.millstream.api.Via;
import io.millstream.engine.state.StoredMessage;

import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;

/// A message as its row has it.
///
/// @param queue in which queue
/// @param sequence its place there
/// @param due when it may be handed out, or null for now
/// @param size what counts against limits
/// @param stored when it was put first
/// @param delivered when it was first handed out, or null
/// @param deliveries how often so far
/// @param attempts how many of those count
/// @param via the way it came, pickled, or null
/// @param stuck why it cannot go where it should, pickled, or null
/// @param body as the engine stores it
/// @param epoch whose lease it has, or 0
/// @param number the lease's number, or 0
/// @param until when the lease ends, or null if by itself it does not
record Leased(
        long queue,
        long sequence,
        Long due,
        int size,
        long stored,
        Long delivered,
        int deliveries,
        int attempts,
        byte[] via,
        byte[] stuck,
        byte[] body,
        int epoch,
        long number,
        Long until) {

    static final String COLUMNS =
            "SELECT channel, sequence, due, size, stored, delivered, deliveries, attempts, via,"
                    + " stuck, body, epoch, number, until FROM message ";

    static Leased of(ResultSet row) throws SQLException {
        return new Leased(
                row.getLong(1),
                row.getLong(2),
                row.getObject(3, Long.class),
                row.getInt(4),
                row.getLong(5),
                row.getObject(6, Long.class),
                row.getInt(7),
                row.getInt(8),
                row.getBytes(9),
                row.getBytes(10),
                row.getBytes(11),
                row.getInt(12),
                row.getLong(13),
                row.getObject(14, Long.class));
    }

    boolean isLeased() {
        return number != 0;
    }

    Via cameBy() {
        return via == null ? Via.Direct.DIRECT : Pickle.read(Via.class, via);
    }

    Message message() {
        return StoredMessage.decode(ByteBuffer.wrap(body));
    }

    Leased withAttempts(int count) {
        return new Leased(
                queue,
                sequence,
                due,
                size,
                stored,
                delivered,
                deliveries,
                count,
                via,
                stuck,
                body,
                epoch,
                number,
                until);
    }
}
