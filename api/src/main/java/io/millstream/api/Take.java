package io.millstream.api;

import java.time.Duration;
import java.util.Set;

/// A one-shot request for messages.
///
/// @param queue from where
/// @param messages how many at most, 1 or more
/// @param bytes how many bytes of bodies and headers at most; the first message is handed out
///   whatever its size
/// @param term how long the leases last
/// @param maxWait how long to wait for the first message; zero not to wait
/// @param types the message types its taker knows, empty for all
public record Take(
        ChannelName queue,
        int messages,
        long bytes,
        Term term,
        Duration maxWait,
        Set<String> types) {

    /// Refuses a take of nothing.
    public Take {
        types = Set.copyOf(types);
        if (messages < 1 || bytes < 1 || maxWait.isNegative()) {
            throw new IllegalArgumentException(
                    "A take asks for 1 or more messages and bytes and waits zero or more, not "
                            + messages
                            + ", "
                            + bytes
                            + " and "
                            + maxWait);
        }
    }

    /// Up to `messages` messages of any size and type.
    public static Take of(ChannelName queue, int messages, Term term, Duration maxWait) {
        return new Take(queue, messages, Long.MAX_VALUE, term, maxWait, Set.of());
    }
}
