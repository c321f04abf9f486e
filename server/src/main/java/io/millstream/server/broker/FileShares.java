package io.millstream.server.broker;

import com.sun.management.UnixOperatingSystemMXBean;

import io.millstream.server.http.HttpDoor;

import java.lang.management.ManagementFactory;

/// How many of the files that this process may have open the doors may use. A connection is a file
/// too, and clients can make as many as they like; the store must always be able to open its own.
///
/// @param filesMax how many the process may have open at once
public record FileShares(long filesMax) {
    /// The store's log, segments, checkpoints and backup; the jar; what event loops and Java need.
    static final int RESERVED = 300;

    /// Even where hardly any files are allowed, somebody is served.
    private static final int CONNECTIONS_MIN = 16;

    /// Those of this process.
    public static FileShares here() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean unix
                ? new FileShares(unix.getMaxFileDescriptorCount())
                : new FileShares(Long.MAX_VALUE);
    }

    /// How many clients of a protocol may be connected at once, of whom there should be `wanted`.
    public int connectionsMax(int wanted) {
        long free = filesMax - RESERVED - HttpDoor.CONNECTIONS_MAX;
        return (int) Math.clamp(free, CONNECTIONS_MIN, Math.max(CONNECTIONS_MIN, (long) wanted));
    }
}
