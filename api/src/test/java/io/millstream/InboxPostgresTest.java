package io.millstream;

import static org.junit.jupiter.api.Assumptions.abort;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/// The inbox on PostgreSQL, where a failed statement spoils its transaction. Skipped, with the
/// reason, where PostgreSQL's binary does not run.
class InboxPostgresTest extends InboxContract {
    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() {
        try {
            postgres = EmbeddedPostgres.start();
        } catch (IOException | IllegalStateException cannot) {
            abort("PostgreSQL does not run here: " + cannot);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (postgres != null) {
            postgres.close();
        }
    }

    @Override
    Connection open() throws SQLException {
        return postgres.getPostgresDatabase().getConnection();
    }

    @Override
    String blocked() {
        return "SELECT count(*) FROM pg_locks WHERE NOT granted";
    }
}
