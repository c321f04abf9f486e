package io.millstream.api;

import java.time.Duration;

/// How work on a leased message ended.
public sealed interface Outcome {

    /// Finished: the message is gone.
    record Done() implements Outcome {
        /// The only value.
        public static final Done DONE = new Done();
    }

    /// Again: in its old place with `after` zero, otherwise behind all that waits when `after` has
    /// passed.
    ///
    /// @param after how long to wait, zero or more
    /// @param counts whether this delivery counts towards the queue's attempt limit
    record Retry(Duration after, boolean counts) implements Outcome {
        /// Refuses a negative wait.
        public Retry {
            if (after.isNegative()) {
                throw new IllegalArgumentException("A retry waits zero or more, not " + after);
            }
        }
    }

    /// Given up: to the queue's dead-letter target; without a target it is dropped.
    ///
    /// @param reason why, in words for a person; kept with the message
    record Dead(String reason) implements Outcome {}

    /// Finished.
    static Outcome done() {
        return Done.DONE;
    }

    /// Again at once, in its old place, counting as an attempt.
    static Outcome retry() {
        return new Retry(Duration.ZERO, true);
    }

    /// Given back: again at once, in its old place, as if nothing had been tried.
    static Outcome returned() {
        return new Retry(Duration.ZERO, false);
    }

    /// Again when `after` has passed, counting as an attempt.
    static Outcome retry(Duration after) {
        return new Retry(after, true);
    }

    /// Given up, for this reason.
    static Outcome dead(String reason) {
        return new Dead(reason);
    }
}
