package io.millstream.jobs;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import java.sql.SQLException;

/// Relays over H2 and the model of the seam.
class RelayStepsOnH2Test extends RelayStepsContract {
    private static OutboxDatabase database;

    RelayStepsOnH2Test() {
        super(Store.MODEL);
    }

    @BeforeAll
    static void start() {
        database = OutboxDatabase.h2();
    }

    @AfterAll
    static void stop() throws SQLException {
        if (database != null) {
            database.close();
        }
    }

    @Override
    OutboxDatabase database() {
        return database;
    }

    @Override
    int rounds() {
        return 15;
    }
}
