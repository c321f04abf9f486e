package io.millstream.api;

import java.time.Duration;

/// Reads one partition of a topic in order, from where it was opened. It holds nothing back: what
/// retention drops before it is read is counted as missed.
public interface TopicReader extends AutoCloseable {

    /// The next records: up to `messages` of them with about `bytes` bytes, and at least one if
    /// there is one; waits for the first one as long as `wait`. The reader moves on when the stage
    /// completes with records, so one call is made after the other.
    ///
    /// @throws IllegalStateException if the reader is closed, or the last call has not ended
    Pending<Fetched> next(int messages, long bytes, Duration wait);

    /// Ends a call that waits, with no records. Does not block.
    @Override
    void close();
}
