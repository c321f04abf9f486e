package io.millstream.engine.io;

/// The time of day and the time that passes. May be read from any thread.
public interface TimeSource {

    /// The wall clock, in milliseconds since 1970-01-01 UTC; it may jump.
    long wallMillis();

    /// A clock that never jumps, in nanoseconds since some moment.
    long nanos();

    /// Has `wake` called whenever time is moved by hand; clocks that run by themselves ignore it.
    default void onMoved(Runnable wake) {}

    /// The clocks of this machine.
    static TimeSource system() {
        return new TimeSource() {
            @Override
            public long wallMillis() {
                return System.currentTimeMillis();
            }

            @Override
            public long nanos() {
                return System.nanoTime();
            }
        };
    }
}
