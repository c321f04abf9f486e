package io.millstream.engine.state;

import java.time.Duration;
import java.util.Comparator;
import java.util.TreeSet;

/// When the messages of a queue become too old.
///
/// It knows those that do not lie in the order of their age and may expire, oldest first: those
/// that were handed out and rest now, and those that another queue gave up. All others are in the
/// order of puts, because nothing is put that is older than what was put before.
final class Ages {
    private final QueueState queue;
    private final TreeSet<Aged> byAge = new TreeSet<>();

    /// Nothing before it was never handed out, unless it is among these.
    private long freshFrom = 1;

    Ages(QueueState queue) {
        this.queue = queue;
    }

    /// One message.
    ///
    /// @param stored when it was first stored, in milliseconds since 1970
    record Aged(long stored, long sequence) implements Comparable<Aged> {
        private static final Comparator<Aged> OLDEST_FIRST =
                Comparator.comparingLong(Aged::stored).thenComparingLong(Aged::sequence);

        @Override
        public int compareTo(Aged other) {
            return OLDEST_FIRST.compare(this, other);
        }
    }

    void add(long stored, long sequence) {
        byAge.add(new Aged(stored, sequence));
    }

    void remove(long stored, long sequence) {
        byAge.remove(new Aged(stored, sequence));
    }

    void clear() {
        byAge.clear();
        freshFrom = queue.end();
    }

    /// When the oldest one was stored, or [Long#MAX_VALUE].
    long oldest() {
        return byAge.isEmpty() ? Long.MAX_VALUE : byAge.first().stored;
    }

    Iterable<Aged> oldestFirst() {
        return byAge;
    }

    /// When what was stored at `stored` becomes too old, or [Long#MAX_VALUE].
    long expiryOf(long stored) {
        Duration retention = queue.definition.retention();
        return retention == null ? Long.MAX_VALUE : stored + retention.toMillis();
    }

    boolean isTooOld(long stored, long now) {
        return expiryOf(stored) <= now;
    }

    /// When the next message becomes too old that is not leased, or [Long#MAX_VALUE]. What lies
    /// behind the cursor's message is younger than it, or among the ages.
    long nextExpiry() {
        if (queue.definition.retention() == null) {
            return Long.MAX_VALUE;
        }
        long first = firstFresh();
        long oldest = Math.min(oldest(), first < 0 ? Long.MAX_VALUE : queue.locate(first).stored());
        return oldest == Long.MAX_VALUE ? oldest : expiryOf(oldest);
    }

    /// The first message that was never handed out and is not among the ages, or -1.
    long firstFresh() {
        if (queue.lanes().fresh() == 0) {
            return queue.cursor().isAtEnd() ? -1 : queue.cursor().at;
        }
        long next = queue.next(freshFrom - 1);
        while (next >= 0 && (queue.delivery(next) != null || queue.arrival(next) != null)) {
            next = queue.next(next);
        }
        freshFrom = next < 0 ? queue.end() : next;
        return next;
    }
}
