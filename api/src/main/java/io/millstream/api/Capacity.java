package io.millstream.api;

/// How much may be in a queue, and what happens to more. A commit that settles something is never
/// refused for it, so that consumers can always finish, and dead letters are always taken.
///
/// @param messages how many messages that nobody holds, whatever they wait for; 0 for no limit
/// @param bytes how many bytes they may have as they are stored; 0 for no limit
/// @param overflow what happens to more
public record Capacity(long messages, long bytes, Overflow overflow) {

    /// No limit but the store's.
    public static final Capacity UNLIMITED = new Capacity(0, 0, Overflow.REFUSE);

    /// What happens when a message is put that does not fit.
    public enum Overflow {
        /// It is refused with [Refusal.IsFull].
        REFUSE,
        /// The message that would be handed out next makes room, and is dead-lettered if the queue
        /// has a target. What is leased stays. For one commit ten thousand go at most, so a queue
        /// whose capacity was lowered by more comes down with the next ones.
        DROP_HEAD,
        /// It goes to the queue's dead-letter target at once.
        DEAD_LETTER
    }

    /// Refuses negative limits.
    public Capacity {
        if (messages < 0 || bytes < 0) {
            throw new IllegalArgumentException(
                    "A capacity is 0 (no limit) or more, not %d messages and %d bytes"
                            .formatted(messages, bytes));
        }
    }

    /// Whether there is any limit.
    public boolean isLimited() {
        return messages > 0 || bytes > 0;
    }

    /// Whether so much is within the limits.
    public boolean holds(long ofMessages, long ofBytes) {
        return (messages == 0 || ofMessages <= messages) && (bytes == 0 || ofBytes <= bytes);
    }

    /// The limits, in words for a person.
    public String text() {
        if (messages > 0 && bytes > 0) {
            return "%d messages or %d bytes".formatted(messages, bytes);
        }
        return messages > 0 ? messages + " messages" : bytes + " bytes";
    }
}
