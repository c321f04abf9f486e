package io.millstream.index;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// What happened to one job.
///
/// @param job as it is now
/// @param steps in their order: the first [#FIRST_STEPS] and the last [#LAST_STEPS]
/// @param stepsLeftOut how many there were between these
/// @param log what its attempts wrote down, 64 KiB at most: the last lines
/// @param linesLeftOut how many there were before these
/// @param asOf up to where the index has read
public record JobHistory(
        IndexedJob job,
        List<Step> steps,
        long stepsLeftOut,
        List<Line> log,
        long linesLeftOut,
        AsOf asOf) {
    /// How many of the first steps are kept.
    public static final int FIRST_STEPS = 10;

    /// How many of the last steps are kept.
    public static final int LAST_STEPS = 40;

    /// How much of a log is kept, in characters.
    public static final int LOG_CHARS_MAX = 64 * 1024;

    /// Copies the lists.
    public JobHistory {
        steps = List.copyOf(steps);
        log = List.copyOf(log);
    }

    /// Something that happened.
    ///
    /// @param at when, by the store's clock
    /// @param event what
    /// @param attempt of which attempt, or 0
    /// @param text why, or where to; 255 characters at most, may be empty
    public record Step(Instant at, Event event, int attempt, String text) {}

    /// What can happen.
    public enum Event {
        /// It came.
        SUBMITTED,
        /// A worker got it.
        STARTED,
        /// An attempt failed.
        FAILED,
        /// It waits again; the text says until when, if for a time.
        RETURNED,
        /// It succeeded.
        DONE,
        /// It was given up.
        DEAD,
        /// It was called off.
        CANCELLED,
        /// It was found needless, or removed from the dead set.
        DISCARDED,
        /// No worker had it in time.
        EXPIRED,
        /// It is gone.
        REMOVED,
        /// It is in another queue now.
        MOVED,
        /// It was sent back from the dead set.
        REDRIVEN;

        /// Its name in lower case.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What an attempt wrote down.
    ///
    /// @param at when it was told
    /// @param attempt which
    /// @param text a line or more
    public record Line(Instant at, int attempt, String text) {}
}
