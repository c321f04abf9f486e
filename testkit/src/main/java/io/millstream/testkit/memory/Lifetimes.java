package io.millstream.testkit.memory;

import io.millstream.api.Definition;
import io.millstream.api.Via;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What becomes too old in one queue: what is older than the queue keeps messages is dropped,
/// wherever it stands; what has lain undelivered for too long is given up once it is the first of
/// its lane. What is leased may still be finished. Guarded by the backend's lock.
final class Lifetimes {

    private final MemoryQueue queue;
    private long mortal;

    Lifetimes(MemoryQueue queue) {
        this.queue = queue;
    }

    void add(Entry entry) {
        if (entry.origin().timeToLive() != null) mortal++;
    }

    void remove(Entry entry) {
        if (entry.origin().timeToLive() != null) mortal--;
    }

    /// When the next message becomes too old, by the clock that never jumps; or the end of time.
    long nextNanos() {
        Duration retention = definition().retention();
        long next = Long.MAX_VALUE;
        if (retention != null) {
            for (Entry entry : queue.entriesAfter(0)) {
                Moment end = entry.origin().stored().plus(retention);
                if (!entry.isLeased()) next = Math.min(next, end.nanos());
            }
        }
        for (Entry head : mortalHeads()) {
            Moment end = head.overdue(definition().timeToLive());
            if (end != null) next = Math.min(next, end.nanos());
        }
        return next;
    }

    /// Ends what has become too old by now.
    void end() {
        Duration retention = definition().retention();
        if (retention != null) {
            for (Entry entry : queue.entriesAfter(0)) {
                boolean tooOld = hasCome(entry.origin().stored().plus(retention));
                if (tooOld && !entry.isLeased()) queue.dropOld(entry);
            }
        }
        List<Entry> overdue = mortalHeads();
        while (!overdue.isEmpty()) {
            overdue.removeIf(head -> !isOverdue(head));
            overdue.forEach(this::expire);
            // Those that were behind them are the first now.
            if (!overdue.isEmpty()) overdue = mortalHeads();
        }
    }

    /// The first one of each lane, if any message here may lie undelivered for some time only.
    private List<Entry> mortalHeads() {
        boolean none = definition().timeToLive() == null && mortal == 0;
        return none ? new ArrayList<>() : new ArrayList<>(queue.heads());
    }

    boolean isOverdue(Entry entry) {
        Moment end = entry.overdue(definition().timeToLive());
        return end != null && hasCome(end);
    }

    void expire(Entry entry) {
        queue.giveUp(entry, Via.Cause.EXPIRED, "expired");
    }

    private boolean hasCome(Moment moment) {
        return !queue.store().now().isBefore(moment);
    }

    private Definition.Queue definition() {
        return queue.declared().definition();
    }
}
