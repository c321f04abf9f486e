package io.millstream.testkit.postgres;

import static org.junit.jupiter.api.Assumptions.abort;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

/// One server for all tests of a class; its clock is the tests'. Skipped, with the reason, where
/// PostgreSQL's binary does not run.
final class Database implements BeforeAllCallback, AfterAllCallback {

    private EmbeddedPostgres server;
    private ExtensionContext begun;

    @Override
    public void beforeAll(ExtensionContext context) throws SQLException {
        if (server != null) return;
        begun = context;
        try {
            server = EmbeddedPostgres.start();
        } catch (IOException | IllegalStateException cannot) {
            abort("PostgreSQL does not run here: " + cannot);
        }
        try (Connection connection = source().getConnection()) {
            Schema.create(connection);
            Schema.useTestClock(connection);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (server != null && context.equals(begun)) server.close();
    }

    DataSource source() {
        return server.getPostgresDatabase();
    }

    PostgresHarness open() {
        return new PostgresHarness(source());
    }
}
