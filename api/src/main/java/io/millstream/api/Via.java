package io.millstream.api;

import java.time.Instant;
import java.util.List;

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
    /// @param cause what kind of end that was
    /// @param reason why, in words for a person
    /// @param at when, by the backend's clock
    /// @param deaths how often it has been dead-lettered, 1 or more
    /// @param history one for each queue that it died in and each cause there, the most recent one
    ///   first and so this death's; at most [#HISTORY_MAX], the oldest are forgotten
    record DeadLettered(
            ChannelName from,
            Cause cause,
            String reason,
            Instant at,
            int deaths,
            List<Death> history)
            implements Via {

        /// How many kinds of deaths are remembered.
        public static final int HISTORY_MAX = 16;

        /// Copies the history.
        public DeadLettered {
            history = List.copyOf(history);
        }
    }

    /// Why a message was dead-lettered.
    enum Cause {
        /// Its holder gave it up with [Outcome.Dead].
        REJECTED,
        /// Its attempts were used up.
        ATTEMPTS,
        /// It had not been delivered within its time to live.
        EXPIRED,
        /// Its queue was full.
        OVERFLOW
    }

    /// How often a message died in one queue of one cause.
    ///
    /// @param queue where
    /// @param cause of what
    /// @param count how often, 1 or more
    /// @param first when for the first time
    /// @param last when for the last time
    record Death(ChannelName queue, Cause cause, int count, Instant first, Instant last) {}
}
