package io.millstream.junit;

import io.millstream.testkit.ManualClock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The time of a test's store, which stands still until the test moves it: leases do not end and
/// delays do not pass while a test is being debugged.
///
/// One thing passes by itself: who waits for a message or a record (`receive(Duration)`, a long
/// poll, a reader's `next`) waits no longer than that in real time. Who asked for more than a
/// minute, and for more than the test's patience, waits for something that has to come: it fails
/// when the patience is over, and says what did not come. So nobody waits for ever.
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
    /// happened and is on disk, however much it is: leases have ended, delayed messages are ready,
    /// those who waited for them have been answered, what is too old is gone.
    ///
    /// Things of one kind happen in the order in which they were due: who waits gets the message
    /// that was delayed until Monday before the one that was delayed until Tuesday. It is one step
    /// all the same: what would have happened several times in between happens once, and a message
    /// that became ready and then too old in between is not handed out. Advance twice if that
    /// matters.
    ///
    /// @param by zero or more
    /// @throws io.millstream.api.MillstreamException if the store does not get done within the
    ///   test's patience
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
