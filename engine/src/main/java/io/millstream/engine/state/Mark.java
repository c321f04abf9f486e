package io.millstream.engine.state;

/// What is special about a message in its queue, as most have nothing. Never changes while it is
/// there.
///
/// @param group its group in the queue, by the sequence of the message that began it; 0 for none
/// @param type its type, by the number that [Types] gave it; 0 for none, or if the queue does not
///   tell types apart
/// @param priority 0 is the first served
/// @param due when it is first handed out, in milliseconds since 1970; 0 for at once
/// @param expires when it has lain undelivered for too long; [#NEVER] if it says nothing
public record Mark(long group, int type, int priority, long due, long expires) {
    /// The expiry of a message that has none of its own.
    public static final long NEVER = Long.MAX_VALUE;

    /// Of a message with nothing special.
    public static final Mark NONE = new Mark(0, 0, 0, 0, NEVER);

    /// Whether there is nothing special.
    boolean isPlain() {
        return !isElsewhere() && expires == NEVER;
    }

    /// Whether the message is not handed out in the order of puts, like those without a mark.
    public boolean isElsewhere() {
        return group != 0 || type != 0 || priority != 0 || due != 0;
    }
}
