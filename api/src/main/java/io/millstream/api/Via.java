package io.millstream.api;

import java.time.Instant;

/// The way a message took into the queue that it is leased from.
public sealed interface Via {

    /// A producer put it there.
    record Direct() implements Via {
        /// The only value.
        public static final Direct DIRECT = new Direct();
    }

    /// It was dead-lettered there.
    ///
    /// @param from the queue that gave it up
    /// @param reason why, in words for a person
    /// @param at when, by the backend's clock
    /// @param deaths how often it has been dead-lettered, 1 or more
    record DeadLettered(ChannelName from, String reason, Instant at, int deaths) implements Via {}
}
