package io.millstream.jobs.outbox;

/// A job in an outbox.
///
/// @param key what names it
/// @param queue which queue it goes into, as the table shows it: see [OutboxTable#shown]
/// @param job all of it, as JSON in ASCII
public record OutboxRow(OutboxKey key, String queue, String job) {}
