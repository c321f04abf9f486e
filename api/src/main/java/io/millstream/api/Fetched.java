package io.millstream.api;

import java.time.Instant;
import java.util.List;

/// The answer to [TopicReader#next].
public sealed interface Fetched {

    /// What was there, or nothing because the wait is over.
    ///
    /// @param now the backend's clock when it was looked up
    /// @param records in order; all of them durable
    /// @param missed how many records before them the reader has missed because retention had
    ///   dropped them, or a repair had given them up
    record Records(Instant now, List<TopicRecord> records, long missed) implements Fetched {
        /// Copies the records.
        public Records {
            records = List.copyOf(records);
        }
    }

    /// There is nothing to read.
    ///
    /// @param now the backend's clock when it was refused
    /// @param refusal why
    record Refused(Instant now, Refusal refusal) implements Fetched {}
}
