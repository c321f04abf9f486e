package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

/// What a message's next lease builds on.
///
/// @param deliveries how often it was handed out
/// @param attempts how many of those count
/// @param firstDelivered when it was first handed out, or now
/// @param arrival what it brought along, or null
public record Past(int deliveries, int attempts, long firstDelivered, @Nullable Arrival arrival) {}
