package io.millstream.junit;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// A job that waits.
///
/// @param id of the job
/// @param queue in which queue
/// @param payload what it is given
/// @param due when it may begin, or null for at once
/// @param <P> of the payload
public record Enqueued<P>(String id, String queue, P payload, @Nullable Instant due) {}
