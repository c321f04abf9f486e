package io.millstream;

import java.time.Instant;

/// An event as a reader gets it.
///
/// @param <T> what it carries
/// @param event what was published
/// @param partition where it lies
/// @param offset its place there
/// @param stored when it was stored
public record StoredEvent<T>(Event<T> event, int partition, long offset, Instant stored) {

    /// What it carries.
    public T data() {
        return event.data();
    }
}
