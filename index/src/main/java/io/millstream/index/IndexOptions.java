package io.millstream.index;

import io.millstream.api.ChannelName;

import java.time.Duration;

/// What an index reads and keeps.
///
/// @param topic the lifecycle topic that it follows
/// @param keepEnded how long it keeps what has ended
/// @param bytesMax how much of its file may be in use; beyond, what ended goes, the oldest first
/// @param searchTime after how long a search ends its page
/// @param batch how many records it takes in at once, at most
public record IndexOptions(
        ChannelName topic, Duration keepEnded, long bytesMax, Duration searchTime, int batch) {
    /// Over the history of jobs, for seven days, in 2 GiB.
    public static final IndexOptions STANDARD =
            new IndexOptions(
                    ChannelName.of("jobs.history"),
                    Duration.ofDays(7),
                    2L << 30,
                    Duration.ofMillis(50),
                    20_000);

    /// Refuses what could keep nothing.
    public IndexOptions {
        if (!keepEnded.isPositive() || bytesMax <= 0 || !searchTime.isPositive() || batch <= 0) {
            throw new IllegalArgumentException(
                    "Times, sizes and numbers of an index are positive, not %s, %d, %s and %d"
                            .formatted(keepEnded, bytesMax, searchTime, batch));
        }
    }

    /// The same over another topic.
    public IndexOptions withTopic(ChannelName topic) {
        return new IndexOptions(topic, keepEnded, bytesMax, searchTime, batch);
    }

    /// The same, keeping what has ended for so long.
    public IndexOptions withKeepEnded(Duration keepEnded) {
        return new IndexOptions(topic, keepEnded, bytesMax, searchTime, batch);
    }

    /// The same with so much of its file in use at most, in bytes.
    public IndexOptions withBytesMax(long bytesMax) {
        return new IndexOptions(topic, keepEnded, bytesMax, searchTime, batch);
    }

    /// The same with this time for a page of a search.
    public IndexOptions withSearchTime(Duration searchTime) {
        return new IndexOptions(topic, keepEnded, bytesMax, searchTime, batch);
    }

    /// The same with so many records taken in at once.
    public IndexOptions withBatch(int batch) {
        return new IndexOptions(topic, keepEnded, bytesMax, searchTime, batch);
    }
}
