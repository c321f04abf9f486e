package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// Which messages a queue takes for one that it has stored before: those that name the same
/// [Message#deduplication] within a time. Messages without one are never taken for another. What is
/// known outlives the message and restarts.
///
/// @param window for how long after a message was stored others are compared with it; whole
///   milliseconds
/// @param scope among which messages
public record Deduplication(Duration window, Scope scope) {

    /// Among which messages equal ones are looked for.
    public enum Scope {
        /// All of the queue's.
        QUEUE,
        /// Those of the same group.
        GROUP
    }

    /// Refuses a window of no length.
    public Deduplication {
        @Nullable Duration whole = Definition.Queue.time("window", window);
        window = whole == null ? Duration.ZERO : whole;
    }
}
