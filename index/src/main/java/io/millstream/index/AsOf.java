package io.millstream.index;

import java.time.Instant;

/// Up to where an index has taken in its topic.
///
/// @param offset of the first record that it has not taken in
/// @param time when the last one was stored that it has, by the store's clock; the epoch if none
public record AsOf(long offset, Instant time) {
    static final AsOf NOTHING = new AsOf(0, Instant.EPOCH);
}
