package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Via;
import io.millstream.api.Via.Cause;
import io.millstream.api.Via.Death;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The deaths that a message has died: one for each queue and cause, the most recent one first.
final class Deaths {
    /// What begins the reason of a message whose attempts are used up.
    static final String USED_UP = "attempts used up";

    /// The reason of a message that was not delivered within its time to live.
    static final String EXPIRED = "expired";

    /// What begins the reason of a message that its queue had no room for.
    static final String OVERFLOW = "overflow: ";

    // Their places are what the bytes say: only ever added to at the end.
    private static final List<Cause> CAUSES =
            List.of(Cause.REJECTED, Cause.ATTEMPTS, Cause.EXPIRED, Cause.OVERFLOW);

    private Deaths() {}

    /// What is known after another death, in `queue` at `now`, in milliseconds since 1970.
    static List<Death> with(@Nullable Arrival before, ChannelName queue, Cause cause, long now) {
        Instant at = Instant.ofEpochMilli(now);
        Death last = new Death(queue, cause, 1, at, at);
        List<Death> history = new ArrayList<>();
        for (Death death : before == null ? List.<Death>of() : before.history()) {
            if (death.queue().equals(queue) && death.cause() == cause) {
                last = new Death(queue, cause, death.count() + 1, death.first(), at);
            } else {
                history.add(death);
            }
        }
        history.addFirst(last);
        return history.subList(0, Math.min(history.size(), Via.DeadLettered.HISTORY_MAX));
    }

    /// Whether a message that dies in `queue` of `cause` would go round for ever without anybody
    /// having looked at it: it has died there, and nobody has had it in hands since.
    static boolean isCircle(@Nullable Arrival before, ChannelName queue, Cause cause) {
        if (before == null || hasBeenSeen(cause)) {
            return false;
        }
        for (Death death : before.history()) {
            if (hasBeenSeen(death.cause())) {
                return false;
            }
            if (death.queue().equals(queue)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasBeenSeen(Cause cause) {
        return cause == Cause.REJECTED || cause == Cause.ATTEMPTS;
    }

    /// The cause that only a reason in words was stored of.
    static Cause causeOf(String reason) {
        return reason.startsWith(USED_UP) ? Cause.ATTEMPTS : Cause.REJECTED;
    }

    static void write(Cause cause, Output out) {
        out.byteValue(CAUSES.indexOf(cause));
    }

    static Cause readCause(Input in) {
        int code = in.byteValue();
        if (code >= CAUSES.size()) {
            throw new MalformedException("A message died of " + code);
        }
        return CAUSES.get(code);
    }

    static void write(List<Death> history, Output out) {
        out.varint(history.size());
        for (Death death : history) {
            EntryCodec.encodeName(death.queue(), out);
            write(death.cause(), out);
            out.varint(death.count());
            out.varint(death.first().toEpochMilli());
            out.varint(death.last().toEpochMilli());
        }
    }

    static List<Death> read(Input in) {
        int count = in.size();
        List<Death> history = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            history.add(
                    new Death(
                            EntryCodec.decodeName(in),
                            readCause(in),
                            in.intValue(),
                            Instant.ofEpochMilli(in.varint()),
                            Instant.ofEpochMilli(in.varint())));
        }
        return history;
    }
}
