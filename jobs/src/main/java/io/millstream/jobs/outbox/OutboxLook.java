package io.millstream.jobs.outbox;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// What an outbox holds at some moment, of transactions that are committed.
///
/// @param waiting how many jobs wait for a relay
/// @param oldest when the one that waits longest was enqueued, by the clock of who did it, or null
/// @param refused how many the store has refused for good, see [Outbox#refused]
public record OutboxLook(long waiting, @Nullable Instant oldest, long refused) {}
