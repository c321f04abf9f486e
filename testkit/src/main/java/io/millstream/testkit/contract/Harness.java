package io.millstream.testkit.contract;

import io.millstream.api.Backend;
import io.millstream.engine.io.TimeSource;

import java.time.Duration;

/// One backend under test, on a clock that stands still until it is advanced.
public interface Harness extends AutoCloseable {

    /// The running backend, empty at first.
    Backend backend();

    /// Lets time pass.
    void advance(Duration by);

    /// Sets the wall clock forwards or back while no time passes.
    void jumpWall(Duration by);

    /// Kills the backend as losing the process would, and opens it again on what it had stored.
    /// What was written without being synced is still there, as it is when only the process dies:
    /// the counts of leases that had left are part of what is checked.
    ///
    /// @return the backend that runs now
    Backend restart();

    /// How long timed leases last at least after a restart, so that holders can come back; zero
    /// where the store itself was never away.
    default Duration grace() {
        return Duration.ofSeconds(5);
    }

    /// Whether the store is elsewhere, so that what it has sent counts as delivered though nobody
    /// wants it any more.
    default boolean isElsewhere() {
        return false;
    }

    /// The backend's clock.
    TimeSource time();

    @Override
    void close();
}
