package io.millstream.testkit.memory;

import io.millstream.api.ChannelName;
import io.millstream.api.Via;
import io.millstream.api.Via.Death;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What a message that dies takes along.
final class Deaths {

    private Deaths() {}

    /// How a message that had come by `before` comes to where `from` sends it.
    static Via.DeadLettered after(
            Via before, ChannelName from, Via.Cause cause, String reason, Instant at) {
        int deaths = before instanceof Via.DeadLettered earlier ? earlier.deaths() + 1 : 1;
        return new Via.DeadLettered(
                from, cause, reason, at, deaths, history(before, from, cause, at));
    }

    /// The death of this moment first, then all others that are of another kind.
    private static List<Death> history(Via before, ChannelName from, Via.Cause cause, Instant at) {
        Death now = new Death(from, cause, 1, at, at);
        List<Death> others = new ArrayList<>();
        for (Death death : historyOf(before)) {
            if (death.queue().equals(from) && death.cause() == cause) {
                now = new Death(from, cause, death.count() + 1, death.first(), at);
            } else {
                others.add(death);
            }
        }
        others.addFirst(now);
        return others.subList(0, Math.min(others.size(), Via.DeadLettered.HISTORY_MAX));
    }

    private static List<Death> historyOf(Via via) {
        return via instanceof Via.DeadLettered dead ? dead.history() : List.of();
    }

    /// Whether a message that dies in `queue` of `cause` has gone round without anybody having
    /// looked at it: it died there before, and since then only for its age or for want of room.
    static boolean isCycle(Via via, ChannelName queue, Via.Cause cause) {
        if (isSeen(cause)) return false;
        @Nullable Death last =
                historyOf(via).stream()
                        .filter(death -> death.queue().equals(queue) || isSeen(death.cause()))
                        .findFirst()
                        .orElse(null);
        return last != null && last.queue().equals(queue) && !isSeen(last.cause());
    }

    /// Whether somebody has had the message in hands that died so.
    private static boolean isSeen(Via.Cause cause) {
        return cause == Via.Cause.REJECTED || cause == Via.Cause.ATTEMPTS;
    }
}
