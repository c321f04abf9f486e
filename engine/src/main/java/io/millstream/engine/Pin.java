package io.millstream.engine;

import io.millstream.engine.log.LogCopy;

import org.jspecify.annotations.Nullable;

import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/// Keeps the log files and segments of one [LogCopy] as they are, until its reader lets go or the
/// loop takes it away.
///
/// The loop takes it away before anything is freed: bytes that were read while [#lost] was still
/// null are what they were.
final class Pin {
    private static final String RELEASED = "The backup is closed. Take another one.";

    private final LogCopy copy;
    private volatile long from;
    private final Set<Integer> segments;
    private final Signal looping;
    private final AtomicReference<@Nullable String> end = new AtomicReference<>();

    /// Pins the log from `from` on, and `segments`; wakes the loop when less is needed.
    Pin(LogCopy copy, long from, Set<Integer> segments, Signal looping) {
        this.copy = copy;
        this.from = from;
        this.segments = Set.copyOf(segments);
        this.looping = looping;
    }

    LogCopy copy() {
        return copy;
    }

    /// The position from which on the log must be kept.
    long from() {
        return from;
    }

    /// The reader needs nothing of the log any more that lies before `position`.
    void releaseLogBefore(long position) {
        from = position;
        looping.give();
    }

    /// Whether a segment must be kept.
    boolean keeps(int segment) {
        return segments.contains(segment);
    }

    /// Whether nothing is kept any more. Any thread.
    boolean isEnded() {
        return end.get() != null;
    }

    /// Why nothing is kept any more, or null. Any thread.
    @Nullable String lost() {
        return end.get();
    }

    /// The reader needs it no more. Any thread.
    void release() {
        end.compareAndSet(null, RELEASED);
        looping.give();
    }

    /// The reader gets no more. The loop's.
    void revoke(String why) {
        end.compareAndSet(null, why);
    }
}
