package io.millstream.testkit;

import io.millstream.engine.io.TimeSource;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A clock that stands still until a test moves it. May be used from any thread.
///
/// Whoever moves it runs the listeners on its own thread, after the move.
public final class ManualClock implements TimeSource {

    /// Where the wall clock stands unless told otherwise: 2026-01-01T00:00:00Z. Not parsed, because
    /// that costs the first test of each virtual machine some tens of milliseconds.
    public static final Instant START = Instant.ofEpochSecond(1_767_225_600);

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Object lock = new Object();
    private Instant wall;
    private long nanos;

    /// Stands at [#START].
    public ManualClock() {
        this(START);
    }

    /// Stands at `start`.
    public ManualClock(Instant start) {
        this.wall = start;
    }

    /// Lets `by` pass: both clocks move.
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException(
                    "Time passes forwards only, not by " + by + ". Use jumpWall to turn back.");
        }
        move(by, by.toNanos());
    }

    /// Sets the wall clock forwards or back, as an operator would: no time passes.
    public void jumpWall(Duration by) {
        move(by, 0);
    }

    private void move(Duration wallBy, long nanosBy) {
        synchronized (lock) {
            wall = wall.plus(wallBy);
            nanos += nanosBy;
        }
        listeners.forEach(Runnable::run);
    }

    /// The wall clock.
    public Instant now() {
        synchronized (lock) {
            return wall;
        }
    }

    @Override
    public long wallMillis() {
        return now().toEpochMilli();
    }

    @Override
    public long nanos() {
        synchronized (lock) {
            return nanos;
        }
    }

    @Override
    public void onMoved(Runnable wake) {
        listeners.add(wake);
    }
}
