package io.millstream.jobs;

import org.junit.jupiter.api.BeforeAll;

/// The outbox in PostgreSQL. Skipped, with the reason, where its binary does not run.
class OutboxOnPostgresTest extends OutboxContract {
    private static OutboxDatabase database;

    @BeforeAll
    static void start() {
        database = OutboxDatabase.postgres();
    }

    @Override
    OutboxDatabase database() {
        return database;
    }
}
