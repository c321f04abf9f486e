package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// A job in the dead set.
///
/// @param id of the job
/// @param type its wire name, with its version, or null if it says none
/// @param queue where it died, and where a redrive sends it; empty if nobody knows
/// @param reason in words
/// @param stack of the last failure, with those that caused it; may be empty
/// @param fingerprint the same for all that died of the same
/// @param attempts how many it had
/// @param died when it came here
public record DeadJob(
        String id,
        @Nullable String type,
        String queue,
        String reason,
        String stack,
        String fingerprint,
        int attempts,
        Instant died) {}
