package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// How long, and how much, a topic keeps. Whichever limit is reached first drops the oldest
/// records, a stretch of up to 64 KiB at a time; the newest stretch of a partition always stays.
///
/// @param time records older than this may go, or null for no limit; at least a millisecond
/// @param bytes when a partition holds more stored bytes than this, its oldest go; 0 for no limit
public record Retention(@Nullable Duration time, long bytes) {

    /// What a topic keeps unless it says otherwise; Kafka's own figure.
    public static final Duration STANDARD_TIME = Duration.ofDays(7);

    private static final Duration TIME_MIN = Duration.ofMillis(1);
    private static final Duration TIME_MAX = Duration.ofMillis(Long.MAX_VALUE);

    /// Refuses limits that would keep nothing.
    public Retention {
        if (time != null && (time.compareTo(TIME_MIN) < 0 || time.compareTo(TIME_MAX) > 0)) {
            throw new IllegalArgumentException(
                    "A retention time is a millisecond or more and can be told in milliseconds,"
                            + " not "
                            + time);
        }
        if (bytes < 0) {
            throw new IllegalArgumentException("A retention has 0 bytes (no limit) or more");
        }
    }

    /// [#STANDARD_TIME], however much that is.
    public static Retention standard() {
        return of(STANDARD_TIME);
    }

    /// Everything, as long as the topic is there. The disk is the limit.
    public static Retention forever() {
        return new Retention(null, 0);
    }

    /// So long.
    public static Retention of(Duration time) {
        return new Retention(time, 0);
    }

    /// So many bytes a partition.
    public static Retention ofBytes(long bytes) {
        return new Retention(null, bytes);
    }
}
