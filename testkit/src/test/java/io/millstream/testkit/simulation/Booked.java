package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Handle;
import io.millstream.api.Message;
import io.millstream.api.Via;
import io.millstream.engine.state.StoredMessage;

import java.util.ArrayList;
import java.util.List;

/// A message in a [Ledger], and all that has to be true of it.
final class Booked {
    /// What it is doing.
    enum Standing {
        /// Ready, or waiting for its time.
        RESTS,
        LEASED,
        /// Waiting for a dead-letter target.
        STUCK
    }

    /// The sequence of a message that nobody has seen since it came.
    static final long UNSEEN = -1;

    static final long NEVER = Long.MAX_VALUE;

    final Message message;
    final int bytes;
    long sequence = UNSEEN;
    long stored;
    Span arrived;

    /// When its last wait here ends, or null if it never waited.
    Span due;

    Standing standing = Standing.RESTS;

    /// When its lease ends, or null if that is bound to a session.
    Span leaseEnd;

    /// Names the lease, or null if nobody was told.
    Handle handle;

    int deliveries;
    int attempts;

    /// Whether it is not known how many of its deliveries count.
    boolean unsure;

    /// Whether it is not known when its last wait ended, if it waited.
    boolean misplaced;

    /// Whether it is not known of what it died.
    boolean vague;

    /// When its own time to live is over.
    long expires = NEVER;

    ChannelName diedIn;
    Span diedAt;
    int deaths;
    Via.Cause stuckOf;

    /// The most recent first.
    List<Death> history = new ArrayList<>();

    /// @param cause null if it is one of two
    record Death(ChannelName queue, Via.Cause cause, int count) {}

    /// @param channel the number of its queue, which is stored with it
    Booked(Message message, long channel, long sequence, long now) {
        this.message = message;
        int entry =
                1
                        + numberBytes(channel)
                        + numberBytes(sequence)
                        + StoredMessage.encode(message).length;
        this.bytes = numberBytes(entry) + entry;
        this.sequence = sequence;
        this.stored = now;
        this.arrived = Span.at(now);
    }

    private static int numberBytes(long number) {
        return number < 128 ? 1 : 1 + numberBytes(number / 128);
    }

    Booked copy() {
        Booked copy = new Booked(message, bytes);
        copy.sequence = sequence;
        copy.stored = stored;
        copy.arrived = arrived;
        copy.due = due;
        copy.standing = standing;
        copy.leaseEnd = leaseEnd;
        copy.handle = handle;
        copy.deliveries = deliveries;
        copy.attempts = attempts;
        copy.unsure = unsure;
        copy.misplaced = misplaced;
        copy.vague = vague;
        copy.expires = expires;
        copy.diedIn = diedIn;
        copy.diedAt = diedAt;
        copy.deaths = deaths;
        copy.stuckOf = stuckOf;
        copy.history = new ArrayList<>(history);
        return copy;
    }

    private Booked(Message message, int bytes) {
        this.message = message;
        this.bytes = bytes;
    }

    String id() {
        return message.id();
    }

    boolean isLeased() {
        return standing == Standing.LEASED;
    }

    /// Whether it is ready, which is certain right after a look.
    boolean isReady(long now) {
        return standing == Standing.RESTS && (due == null || due.until() <= now);
    }

    boolean isWaiting(long now) {
        return standing == Standing.RESTS && due != null && due.until() > now;
    }

    /// Since when it is ready.
    Span readyAt() {
        return due == null ? arrived : due;
    }

    /// It comes into a queue, having died or been moved.
    void comes(Span at) {
        sequence = UNSEEN;
        arrived = at;
        due = null;
        standing = Standing.RESTS;
        leaseEnd = null;
        handle = null;
        attempts = 0;
        unsure = false;
        misplaced = false;
        expires = NEVER;
        stuckOf = null;
    }

    void died(ChannelName in, Via.Cause cause, Span at) {
        diedIn = in;
        diedAt = at;
        deaths++;
        int count = 1;
        for (Death death : List.copyOf(history)) {
            if (death.queue.equals(in) && death.cause == cause) {
                count = death.count + 1;
                history.remove(death);
            }
        }
        history.addFirst(new Death(in, cause, count));
    }

    /// Whether it is certain that it would go round for ever, dying of this once more.
    boolean mustCircle(ChannelName in, Via.Cause cause) {
        return !vague && wouldCircle(in, cause);
    }

    boolean mayCircle(ChannelName in, Via.Cause cause) {
        return vague ? !hasBeenSeen(cause) : wouldCircle(in, cause);
    }

    /// Whether it would go round for ever, dying of this once more, if it died of what is written.
    boolean wouldCircle(ChannelName in, Via.Cause cause) {
        if (hasBeenSeen(cause)) {
            return false;
        }
        for (Death death : history) {
            if (hasBeenSeen(death.cause)) {
                return false;
            }
            if (death.queue.equals(in)) {
                return true;
            }
        }
        return false;
    }

    /// Whether somebody had it in hands who dies of this.
    private static boolean hasBeenSeen(Via.Cause cause) {
        return cause == Via.Cause.REJECTED || cause == Via.Cause.ATTEMPTS;
    }

    @Override
    public String toString() {
        return ("%s at %d %s, %d bytes, priority %d, group %s, arrived %s, due %s, expires %s,"
                        + " lease %s, attempts %d%s%s%s")
                .formatted(
                        id(),
                        sequence,
                        standing,
                        bytes,
                        message.priority(),
                        message.group(),
                        arrived,
                        due,
                        expires == NEVER ? "never" : expires,
                        leaseEnd,
                        attempts,
                        unsure ? ", unsure" : "",
                        misplaced ? ", misplaced" : "",
                        vague ? ", vague" : "");
    }
}
