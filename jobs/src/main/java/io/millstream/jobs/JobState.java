package io.millstream.jobs;

import java.util.Locale;

/// How a job ended.
public enum JobState {
    /// Its handler did it.
    DONE,
    /// Its attempts are used up, or it can never succeed: it is in the dead set.
    DEAD,
    /// No worker had it in time.
    EXPIRED,
    /// Its handler found that there is nothing to do any more.
    DISCARDED,
    /// Somebody cancelled it.
    CANCELLED;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
