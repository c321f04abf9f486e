package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// One delivery of one message: whoever holds it works on the message until it is settled.
///
/// @param handle names this lease
/// @param deliveries how often the message has been handed out, this time included; dead-lettering
///   keeps the count
/// @param attempts how many of those count towards the attempt limit of this queue
/// @param stored when the message was stored, by the backend's clock
/// @param firstDelivered when it was first handed out, by the backend's clock
/// @param until when the lease ends by itself, or null if it lasts as long as its session
/// @param via the way the message took into this queue
/// @param message the message
public record Lease(
        Handle handle,
        int deliveries,
        int attempts,
        Instant stored,
        Instant firstDelivered,
        @Nullable Instant until,
        Via via,
        Message message) {}
