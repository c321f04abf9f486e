package io.millstream.testkit.postgres;

import io.millstream.api.Backend;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.contract.Harness;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

/// A node over a database whose clock stands where it is put.
final class PostgresHarness implements Harness {

    private static final long POLL_NANOS = 1_000_000;

    private final ManualClock clock = new ManualClock();
    private final DataSource database;
    private final Connection side;
    private PostgresBackend backend;

    PostgresHarness(DataSource database) {
        this.database = database;
        try {
            side = database.getConnection();
            Schema.clear(side);
            setClock();
            backend = PostgresBackend.open(database, clock);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void setClock() throws SQLException {
        try (Statement statement = side.createStatement()) {
            statement.execute("UPDATE test_clock SET millis = " + clock.wallMillis());
        }
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public void advance(Duration by) {
        clock.advance(by);
        moved();
    }

    @Override
    public void jumpWall(Duration by) {
        clock.jumpWall(by);
        moved();
    }

    private void moved() {
        try {
            setClock();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        backend.wake();
    }

    @Override
    public Backend restart() {
        backend.kill();
        try {
            awaitDeath(backend.epoch());
            backend = PostgresBackend.open(database, clock);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return backend;
    }

    /// The database was never away.
    @Override
    public Duration grace() {
        return Duration.ZERO;
    }

    /// The server notices that a connection is gone on its own time.
    private void awaitDeath(int epoch) throws SQLException {
        String held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = ";
        try (Statement statement = side.createStatement()) {
            while (true) {
                try (ResultSet row = statement.executeQuery(held + epoch)) {
                    row.next();
                    if (row.getLong(1) == 0) return;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    @Override
    public TimeSource time() {
        return clock;
    }

    @Override
    public void close() {
        backend.close();
        try {
            side.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
