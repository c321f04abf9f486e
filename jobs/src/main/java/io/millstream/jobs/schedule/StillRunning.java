package io.millstream.jobs.schedule;

/// What becomes of a run that is due while an earlier one of the same timetable has not ended.
/// Which runs are due at all is [Misfire]'s.
public enum StillRunning {
    /// It is left out.
    SKIP,
    /// It waits for the end of the earlier one. One waits at most: later ones are left out.
    ONE_WAITS,
    /// It waits for the ends of all earlier ones.
    ALL_WAIT,
    /// The earlier one is cancelled, and it begins when that has ended.
    REPLACE,
    /// Both run.
    BESIDE
}
