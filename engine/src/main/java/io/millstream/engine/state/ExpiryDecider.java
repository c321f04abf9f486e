package io.millstream.engine.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Decides which messages of a queue have become too old: what waits at its cursor, and what lies
/// elsewhere and is not leased. A lease is not ended by it; its message goes when it comes back.
public final class ExpiryDecider {
    private static final int RANGES_MAX = 256;

    private ExpiryDecider() {}

    /// Decides for [State#overdue]. The entry names at least one message, about `messages` at most
    /// and no more than a few hundred ranges; what is left is decided the next time.
    public static Entry.Expired decide(State state, QueueState queue, int messages) {
        long now = state.now();
        long cursor = queue.cursor;
        long end = freshEnd(queue, now, messages);
        long[] others = new long[RANGES_MAX - 1];
        int count = 0;
        int examined = 0;
        for (Ages.Aged aged : queue.ages().oldestFirst()) {
            if (!queue.isTooOld(aged.stored(), now)
                    || count == others.length
                    || ++examined > messages) {
                break;
            }
            if (aged.sequence() < cursor || aged.sequence() >= end) {
                others[count++] = aged.sequence();
            }
        }
        Invariant.check(
                cursor < end || count > 0, "Nothing of channel %d is overdue", queue.channel());
        Arrays.sort(others, 0, count);
        return new Entry.Expired(queue.channel(), ranges(others, count, cursor, end));
    }

    /// Where the messages end that were never handed out and are too old.
    private static long freshEnd(QueueState queue, long now, int messages) {
        long end = queue.cursor;
        long next = end < queue.end() ? end : -1;
        int count = 0;
        while (next >= 0 && count < messages && queue.isTooOld(queue.locate(next).stored(), now)) {
            count++;
            end = next + 1;
            next = queue.next(next);
        }
        return end;
    }

    private static List<Entry.Expired.Range> ranges(
            long[] others, int count, long cursor, long end) {
        List<Entry.Expired.Range> ranges = new ArrayList<>();
        int next = 0;
        for (; next < count && others[next] < cursor; next++) {
            add(ranges, others[next], others[next] + 1);
        }
        if (cursor < end) {
            add(ranges, cursor, end);
        }
        for (; next < count; next++) {
            add(ranges, others[next], others[next] + 1);
        }
        return ranges;
    }

    private static void add(List<Entry.Expired.Range> ranges, long first, long end) {
        if (!ranges.isEmpty() && ranges.getLast().end() == first) {
            ranges.set(ranges.size() - 1, new Entry.Expired.Range(ranges.getLast().first(), end));
        } else {
            ranges.add(new Entry.Expired.Range(first, end));
        }
    }
}
