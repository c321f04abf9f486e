package io.millstream.jobs.outbox;

/// What names a row of an outbox, and says when its turn is.
///
/// @param placedAt microseconds since 1970 by the clock of who wrote the row; never twice the same
///   from one program, so that its jobs keep their order
/// @param jobId the job's id
public record OutboxKey(long placedAt, String jobId) {
    /// The longest id, in characters.
    public static final int JOB_ID_CHARS_MAX = 100;
}
