package io.millstream.api;

/// What a message's group means in a queue.
public enum Groups {
    /// Nothing: it is kept with the message, for queues that it comes to later.
    IGNORED,
    /// Messages of one group are worked in order: while any of them is leased, the others wait. One
    /// take may get several of them, in order. One that waits for its time holds up those behind it
    /// in its group, and no other group.
    ORDERED,
    /// The same, and a take gets one message of a group at most.
    ORDERED_SINGLY,
    /// Groups share the queue fairly, by their [Definition.Queue#weights]: what one of them queues
    /// does not delay the others. Nothing waits for another message of its group.
    FAIR,
    /// Groups share the queue fairly, and messages of one group are worked in order, one by one.
    FAIR_ORDERED;

    /// Whether messages of one group are worked in order.
    public boolean isOrdered() {
        return this == ORDERED || this == ORDERED_SINGLY || this == FAIR_ORDERED;
    }

    /// Whether groups share the queue fairly.
    public boolean isFair() {
        return this == FAIR || this == FAIR_ORDERED;
    }
}
