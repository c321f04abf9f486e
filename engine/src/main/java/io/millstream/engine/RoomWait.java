package io.millstream.engine;

import java.time.Duration;

/// How long something has been waiting for room that comes by itself, counted from the first time
/// that this was asked.
final class RoomWait {
    /// After this a commit or a take is refused.
    static final Duration MAX = Duration.ofSeconds(2);

    private boolean waits;
    private long since;

    /// @param now by any clock, always the same one
    /// @return in the unit of that clock
    long passed(long now) {
        if (!waits) {
            waits = true;
            since = now;
        }
        return now - since;
    }
}
