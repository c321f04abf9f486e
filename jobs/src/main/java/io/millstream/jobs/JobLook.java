package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.time.Instant;

/// A job as a look has seen it, with what is known of it there: while it waits or runs, all but its
/// result; once it has ended, what is kept of its end.
///
/// @param id of the job
/// @param status where it is
/// @param queue its queue, the one that it died in if it is dead; null if that is not known
/// @param type its wire name, with its version; null if that is not known
/// @param key what it belongs to; null for nothing, or if that is not known
/// @param priority 0 if that is not known
/// @param submitted when it was put into its queue, for a dead one when it died; null if that is
///   not known
/// @param result what it returned; null for nothing, or if it has not ended as done
public record JobLook(
        String id,
        JobStatus status,
        @Nullable String queue,
        @Nullable String type,
        @Nullable String key,
        int priority,
        @Nullable Instant submitted,
        @Nullable JsonNode result) {

    /// One that there is not, or that is not known any more.
    public static JobLook unknown(String id) {
        return new JobLook(id, new JobStatus.Unknown(), null, null, null, 0, null, null);
    }

    static JobLook ended(String id, Ending ending) {
        JobStatus status = new JobStatus.Ended(ending.state(), ending.reason());
        return new JobLook(id, status, ending.queue(), null, null, 0, null, ending.result());
    }
}
