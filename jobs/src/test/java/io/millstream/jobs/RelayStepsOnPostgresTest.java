package io.millstream.jobs;

import org.junit.jupiter.api.BeforeAll;

/// Relays over PostgreSQL and the engine. Skipped, with the reason, where PostgreSQL does not run.
class RelayStepsOnPostgresTest extends RelayStepsContract {
    private static OutboxDatabase database;

    RelayStepsOnPostgresTest() {
        super(Store.ENGINE);
    }

    @BeforeAll
    static void start() {
        database = OutboxDatabase.postgres();
    }

    @Override
    OutboxDatabase database() {
        return database;
    }

    @Override
    int rounds() {
        return 2;
    }
}
