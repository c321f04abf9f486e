package io.millstream.index;

import io.millstream.api.ChannelName;
import io.millstream.api.Lifecycle.Life;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/// The lives of queues that were told of, numbered from 1.
final class Lives {
    private final Connection connection;
    private final Map<Life, Integer> numbers = new HashMap<>();
    private int last;

    Lives(Connection connection) throws SQLException {
        this.connection = connection;
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT life, host, queue, incarnation FROM life")) {
            while (rows.next()) {
                ChannelName queue = new ChannelName(rows.getString(2), rows.getString(3));
                numbers.put(new Life(queue, rows.getLong(4)), rows.getInt(1));
                last = Math.max(last, rows.getInt(1));
            }
        }
    }

    int of(Life life) throws SQLException {
        Integer number = numbers.get(life);
        if (number != null) {
            return number;
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO life VALUES (?,?,?,?)")) {
            insert.setInt(1, ++last);
            insert.setString(2, life.queue().host());
            insert.setString(3, life.queue().name());
            insert.setLong(4, life.incarnation());
            insert.executeUpdate();
        }
        numbers.put(life, last);
        return last;
    }

    /// It is over.
    void forget(Life life) throws SQLException {
        Integer number = numbers.remove(life);
        if (number != null) {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM life WHERE life=?")) {
                delete.setInt(1, number);
                delete.executeUpdate();
            }
        }
    }
}
