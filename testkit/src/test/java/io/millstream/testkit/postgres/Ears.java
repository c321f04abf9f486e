package io.millstream.testkit.postgres;

import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// A node's second connection: hears from other nodes, and tells them at most every now and then
/// that there may be something. Telling inside the transactions would make all of them wait for
/// each other, since PostgreSQL keeps notifications in one order.
final class Ears implements Runnable {

    private static final int EVERY_MILLIS = 20;
    private static final int ROLL_CALL = 50;

    private final Connection connection;
    private final PostgresBackend backend;
    private final AtomicBoolean stirred = new AtomicBoolean();
    private volatile boolean over;

    Ears(Connection connection, PostgresBackend backend) {
        this.connection = connection;
        this.backend = backend;
    }

    void stirred() {
        stirred.set(true);
    }

    void stop() {
        over = true;
    }

    @Override
    public void run() {
        try (connection;
                Statement statement = connection.createStatement()) {
            statement.execute("LISTEN millstream");
            for (int round = 0; !over; round++) {
                if (stirred.getAndSet(false)) {
                    statement.execute("NOTIFY millstream, 'ready " + backend.epoch() + "'");
                }
                var heard = connection.unwrap(PGConnection.class).getNotifications(EVERY_MILLIS);
                for (PGNotification one : heard) hear(one.getParameter().split(" "));
                if (round % ROLL_CALL == 0) {
                    backend.pump().work(tx -> new Ends(tx).buryNodes());
                }
            }
        } catch (SQLException e) {
            backend.lost(e);
        }
    }

    private void hear(String[] words) {
        boolean own = Integer.parseInt(words[1]) == backend.epoch();
        switch (words[0]) {
            case "ready" -> {
                if (!own) backend.pump().post(backend.handing()::touchAll);
            }
            case "defined" -> {
                if (!own) backend.pump().work(backend.definitions()::compare);
            }
            case "end" -> {
                long number = Long.parseLong(words[2]);
                var ended = List.of(number);
                if (own) backend.pump().post(() -> backend.handing().ended(ended));
            }
            default -> throw new IllegalStateException("Unknown: " + words[0]);
        }
    }
}
