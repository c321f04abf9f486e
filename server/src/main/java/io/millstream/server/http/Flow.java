package io.millstream.server.http;

import io.millstream.api.View.QueueCounts;
import io.millstream.api.View.QueueView;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How much flows through queues, by what was seen of them lately: counts of a minute at most, one
/// a second while somebody looks. Not for several threads.
final class Flow {
    /// How many seconds are remembered.
    static final int SECONDS = 60;

    private static final long STEP_NANOS = 900_000_000L;
    private static final long OLDEST_NANOS = Duration.ofSeconds(SECONDS + 1L).toNanos();
    private static final long WINDOW_NANOS = Duration.ofSeconds(5).toNanos();
    private static final double NANOS = 1e9;

    private final Deque<Seen> seen = new ArrayDeque<>();

    /// Messages a second.
    ///
    /// @param in that were put
    /// @param done that were settled as done
    record Rate(double in, double done) {}

    /// Until when it flowed like that.
    ///
    /// @param secondsAgo before the last look
    record Step(double secondsAgo, Rate rate) {}

    private record Counts(long life, long stored, long done) {
        static Counts of(long life, QueueCounts counts) {
            return new Counts(life, counts.stored(), counts.done());
        }

        Counts plus(Counts more) {
            return new Counts(life, stored + more.stored, done + more.done);
        }

        /// Null if they cannot be compared: the queue is another one, or queues have gone.
        @Nullable Rate since(Counts before, long nanos) {
            if (life != before.life || stored < before.stored || done < before.done) {
                return null;
            }
            double seconds = nanos / NANOS;
            return new Rate((stored - before.stored) / seconds, (done - before.done) / seconds);
        }
    }

    private record Seen(long at, Map<String, Counts> queues, Counts all) {
        static Seen of(QueueLook look, long at) {
            Map<String, Counts> queues = new HashMap<>();
            Counts all = Counts.of(0, look.rest());
            for (QueueView view : look.first()) {
                Counts counts = Counts.of(view.incarnation(), view.counts());
                queues.put(view.definition().name().toString(), counts);
                all = all.plus(counts);
            }
            return new Seen(at, queues, all);
        }
    }

    /// Remembers what was seen, if the last look was a second ago.
    ///
    /// @param at by a clock that never goes back, in nanoseconds
    void add(QueueLook look, long at) {
        if (!seen.isEmpty() && at - seen.getLast().at < STEP_NANOS) {
            return;
        }
        seen.addLast(Seen.of(look, at));
        while (at - seen.getFirst().at > OLDEST_NANOS || seen.size() > SECONDS + 1) {
            seen.removeFirst();
        }
    }

    /// Of one queue within the last seconds; null if that is not known.
    @Nullable Rate of(String queue) {
        Seen before = before();
        if (before == null) {
            return null;
        }
        Counts then = before.queues.get(queue);
        Counts now = seen.getLast().queues.get(queue);
        return then == null || now == null ? null : now.since(then, seen.getLast().at - before.at);
    }

    /// Of all queues within the last seconds; null if that is not known.
    @Nullable Rate ofAll() {
        Seen before = before();
        return before == null
                ? null
                : seen.getLast().all.since(before.all, seen.getLast().at - before.at);
    }

    /// What is compared with the last look.
    private @Nullable Seen before() {
        if (seen.size() < 2) {
            return null;
        }
        for (Seen one : seen) {
            long age = seen.getLast().at - one.at;
            if (age > 0 && age <= WINDOW_NANOS) {
                return one;
            }
        }
        // Nobody looked for a while.
        return null;
    }

    /// Of all queues, from one look to the next, the oldest first; without what is not known.
    List<Step> course() {
        List<Step> course = new ArrayList<>();
        Seen last = null;
        for (Seen one : seen) {
            Rate rate = last == null ? null : one.all.since(last.all, one.at - last.at);
            if (rate != null) {
                course.add(new Step((seen.getLast().at - one.at) / NANOS, rate));
            }
            last = one;
        }
        return course;
    }
}
