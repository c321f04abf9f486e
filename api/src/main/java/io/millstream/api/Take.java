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
/// @param maxWait how long to wait for the first message, from when it is asked for and by the
///   clock of the process that asks; zero not to wait
/// @param types the message types that its taker knows, [#TYPES_MAX] at most; empty for all.
///   Messages of other types, and those without one, stay for others and use no attempt; one of a
///   group that is worked in order holds up what is behind it. The queue is to be
///   [Definition.Queue#typed]
public record Take(
        ChannelName queue,
        int messages,
        long bytes,
        Term term,
        Duration maxWait,
        Set<String> types) {

    /// How many types a take may name: as many as a queue tells apart.
    public static final int TYPES_MAX = Definition.Queue.TYPES_MAX;

    /// Refuses a take of nothing, and one of too many types.
    public Take {
        types = Set.copyOf(types);
        if (types.size() > TYPES_MAX) {
            throw new IllegalArgumentException(
                    "A take names at most " + TYPES_MAX + " types, not " + types.size());
        }
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

    /// The same for messages of these types.
    public Take withTypes(Set<String> types) {
        return new Take(queue, messages, bytes, term, maxWait, types);
    }

    /// Up to `messages` messages of any size and type.
    public static Take of(ChannelName queue, int messages, Term term, Duration maxWait) {
        return new Take(queue, messages, Long.MAX_VALUE, term, maxWait, Set.of());
    }
}
