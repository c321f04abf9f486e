package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.jobs.outbox.OutboxTable;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Queues that take no jobs of an outbox at present, because they are full or gone. Each is tried
/// again after a while, and none holds up the others.
final class BlockedQueues {
    private static final long WAIT_NANOS_FIRST = 100_000_000L;
    private static final long WAIT_NANOS_MAX = 5_000_000_000L;

    private static final int REASONS_MAX = 3;

    private final Map<ChannelName, Blocked> queues = new LinkedHashMap<>();

    /// @param until when it is tried again, by this machine's clock that never goes back
    /// @param pause how long that is
    /// @param reason why
    private record Blocked(long until, long pause, String reason) {}

    /// It takes no more.
    void block(ChannelName queue, String reason) {
        Blocked before = queues.get(queue);
        long now = System.nanoTime();
        if (before != null && before.until - now > 0) {
            return;
        }
        long wait = before == null ? WAIT_NANOS_FIRST : Math.min(2 * before.pause, WAIT_NANOS_MAX);
        queues.put(queue, new Blocked(now + wait, wait, reason));
    }

    /// These have taken something: one that has been blocked since is tried again soon.
    void passed(Collection<ChannelName> these) {
        long now = System.nanoTime();
        for (ChannelName queue : these) {
            queues.computeIfPresent(
                    queue,
                    (_, one) ->
                            one.until - now <= 0
                                    ? null
                                    : new Blocked(
                                            now + WAIT_NANOS_FIRST, WAIT_NANOS_FIRST, one.reason));
        }
    }

    /// Nothing waits but for those that are not to be tried now.
    void forgetOthers() {
        long now = System.nanoTime();
        queues.values().removeIf(one -> one.until - now <= 0);
    }

    /// Those that are not to be tried now, as the table shows them.
    List<String> now() {
        long now = System.nanoTime();
        HashSet<String> names = new HashSet<>();
        queues.forEach((queue, one) -> {
            if (one.until - now > 0 && names.size() < OutboxTable.QUEUES_LEFT_OUT_MAX) {
                names.add(OutboxTable.shown(queue.name()));
            }
        });
        return List.copyOf(names);
    }

    /// Why jobs wait, or null if none do.
    @Nullable String trouble() {
        return queues.isEmpty()
                ? null
                : queues.values().stream()
                        .map(Blocked::reason)
                        .distinct()
                        .limit(REASONS_MAX)
                        .collect(Collectors.joining(" "));
    }
}
