package io.millstream.junit;

import io.millstream.testkit.ManualClock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The time of a test's store, which stands still until the test moves it: leases do not end and
/// delays do not pass while a test is being debugged.
///
/// One thing passes by itself: who waits for a message (`receive(Duration)`, a long poll) waits no
/// longer than that in real time, so that nobody waits for ever.
///
/// It is an [InstantSource] of the JDK, for the code under test to read too. May be used from any
/// thread but those that the store calls back on.
public final class MillstreamClock implements InstantSource {
    private final ManualClock time;
    private final SurvivingBackend backend;

    MillstreamClock(ManualClock time, SurvivingBackend backend) {
        this.time = time;
        this.backend = backend;
    }

    /// Lets time pass, in one step and without waiting. Returns when everything that became due has
    /// happened and is on disk: leases have ended, delayed messages are ready, those who waited for
    /// them have been answered.
    ///
    /// @param by zero or more
    public void advance(Duration by) {
        time.advance(by);
        backend.awaitEverythingDue();
    }

    /// Lets time pass until it is `to`; see [#advance].
    public void advanceTo(Instant to) {
        advance(Duration.between(instant(), to));
    }

    /// What time it is. A new store begins at the start of the year 2026 in UTC.
    @Override
    public Instant instant() {
        return time.now();
    }

    @Override
    public String toString() {
        return instant().toString();
    }
}
