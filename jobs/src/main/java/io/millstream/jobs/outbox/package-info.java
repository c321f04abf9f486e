/// The outbox: a table in a user's database that keeps jobs together with what the same transaction
/// writes, until a relay puts them into their queues.
///
/// [io.millstream.jobs.outbox.Outbox] is what people use of it, `OutboxTable` what the jobs do.
/// Sees nothing but JDBC: what a job is, and how it gets into its queue once, is said above, by
/// [io.millstream.jobs.Relay].
@NullMarked
package io.millstream.jobs.outbox;

import org.jspecify.annotations.NullMarked;
