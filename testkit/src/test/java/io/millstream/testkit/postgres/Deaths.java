package io.millstream.testkit.postgres;

import io.millstream.api.ChannelName;
import io.millstream.api.Via;
import io.millstream.api.Via.Death;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What a message that dies takes along.
final class Deaths {

    private Deaths() {}

    static Via after(Via before, ChannelName from, Via.Cause cause, String reason, Instant at) {
        List<Death> history = new ArrayList<>();
        int deaths = 1;
        Death first = new Death(from, cause, 1, at, at);
        if (before instanceof Via.DeadLettered earlier) {
            deaths = earlier.deaths() + 1;
            for (Death death : earlier.history()) {
                if (death.queue().equals(from) && death.cause() == cause) {
                    first = new Death(from, cause, death.count() + 1, death.first(), at);
                } else {
                    history.add(death);
                }
            }
        }
        history.addFirst(first);
        int kept = Math.min(history.size(), Via.DeadLettered.HISTORY_MAX);
        return new Via.DeadLettered(from, cause, reason, at, deaths, history.subList(0, kept));
    }
}
