package io.millstream.api;

import java.time.Instant;

/// Where a reader of a topic starts.
public sealed interface From {

    /// At an offset.
    ///
    /// @param topic which
    /// @param partition which partition
    /// @param offset the first record to read
    record Offset(ChannelName topic, int partition, long offset) implements From {}

    /// At the first record stored at or after a time.
    ///
    /// @param topic which
    /// @param partition which partition
    /// @param time by the backend's clock
    record Time(ChannelName topic, int partition, Instant time) implements From {}
}
