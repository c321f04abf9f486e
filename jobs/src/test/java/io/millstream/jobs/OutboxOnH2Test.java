package io.millstream.jobs;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import java.sql.SQLException;

/// The outbox in H2.
class OutboxOnH2Test extends OutboxContract {
    private static OutboxDatabase database;

    @BeforeAll
    static void start() {
        database = OutboxDatabase.h2();
    }

    @AfterAll
    static void stop() throws SQLException {
        database.close();
    }

    @Override
    OutboxDatabase database() {
        return database;
    }
}
