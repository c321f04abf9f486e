package io.millstream.jobs.outbox;

import java.time.Instant;

/// A job that the store has refused for good. It stays in the outbox until somebody has it tried
/// again or discards it.
///
/// @param id its id
/// @param queue which queue it was to go into
/// @param job all of it, as JSON
/// @param enqueued when, by the clock of who did it
/// @param reason why it was refused
public record RefusedJob(String id, String queue, String job, Instant enqueued, String reason) {}
