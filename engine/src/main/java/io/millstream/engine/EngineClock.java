package io.millstream.engine;

import io.millstream.engine.io.TimeSource;

import java.util.function.LongConsumer;

/// The engine's one clock: it passes like the monotonic clock, never goes back, and is drawn
/// towards the wall clock by at most half a thousandth of the time that passes. A wall clock that
/// is set by hand therefore ends no lease and expires nothing at once; a jump of more than a minute
/// is reported.
final class EngineClock {
    private static final long JUMP_MILLIS = 60_000;
    private static final int SLEW_PARTS = 2000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final TimeSource time;
    private final LongConsumer onJump;
    private long lastNanos;
    private long now;
    private long unslewed;
    private boolean jumped;

    /// Starts at the wall clock's time, or at `atLeast` if that is later.
    ///
    /// @param onJump told by how many milliseconds the wall clock is ahead when it has jumped
    EngineClock(TimeSource time, long atLeast, LongConsumer onJump) {
        this.time = time;
        this.onJump = onJump;
        this.lastNanos = time.nanos();
        this.now = Math.max(time.wallMillis(), atLeast);
    }

    /// Milliseconds since 1970.
    long now() {
        long passed = (time.nanos() - lastNanos) / NANOS_PER_MILLI;
        if (passed <= 0) {
            return now;
        }
        lastNanos += passed * NANOS_PER_MILLI;
        unslewed += passed;
        long slew = unslewed / SLEW_PARTS;
        unslewed %= SLEW_PARTS;
        long drift = time.wallMillis() - (now + passed);
        report(drift);
        now += passed + Math.clamp(drift, -slew, slew);
        return now;
    }

    /// What the monotonic clock showed when [#now] was last asked, less what is no whole
    /// millisecond.
    long nanos() {
        return lastNanos;
    }

    private void report(long drift) {
        boolean isJump = Math.abs(drift) > JUMP_MILLIS;
        if (isJump && !jumped) {
            onJump.accept(drift);
        }
        jumped = isJump;
    }
}
