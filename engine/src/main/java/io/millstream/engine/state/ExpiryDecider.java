package io.millstream.engine.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Decides which messages of a queue have become too old: what was never handed out, in the order
/// of puts, and what lies elsewhere and is not leased. A lease is not ended by it; its message goes
/// when it comes back.
public final class ExpiryDecider {
    private static final int RANGES_MAX = 256;
    private static final int EXAMINED_MAX = 1 << 14;

    private ExpiryDecider() {}

    /// Decides for [State#overdue]. The entry names at least one message, about `messages` at most
    /// and no more than a few hundred ranges; what is left is decided the next time.
    public static Entry.Expired decide(State state, QueueState queue, int messages) {
        long now = state.now();
        List<Entry.Expired.Range> ranges = freshOnes(queue, now, messages);
        long[] others = others(queue, now, Math.min(messages, RANGES_MAX));
        Invariant.check(
                !ranges.isEmpty() || others.length > 0,
                "Nothing of channel %d is overdue",
                queue.channel());
        for (long other : others) {
            ranges.add(new Entry.Expired.Range(other, other + 1));
        }
        return new Entry.Expired(queue.channel(), joined(ranges));
    }

    /// What was never handed out and is too old. It came in order, so nothing behind the first one
    /// that is not has to be looked at.
    private static List<Entry.Expired.Range> freshOnes(QueueState queue, long now, int messages) {
        List<Entry.Expired.Range> ranges = new ArrayList<>();
        int count = 0;
        int examined = 0;
        long first = -1;
        long last = -1;
        for (long next = queue.ages().firstFresh(); next >= 0; next = queue.next(next)) {
            boolean isFresh = queue.delivery(next) == null && queue.arrival(next) == null;
            boolean isEnough = count == messages || ++examined > EXAMINED_MAX;
            if (isEnough || (isFresh && !queue.ages().isTooOld(queue.locate(next).stored(), now))) {
                break;
            }
            if (isFresh) {
                first = first < 0 ? next : first;
                last = next;
                count++;
            } else if (first >= 0) {
                ranges.add(new Entry.Expired.Range(first, last + 1));
                first = -1;
                if (ranges.size() == RANGES_MAX) {
                    return ranges;
                }
            }
        }
        if (first >= 0) {
            ranges.add(new Entry.Expired.Range(first, last + 1));
        }
        return ranges;
    }

    private static long[] others(QueueState queue, long now, int most) {
        long[] others = new long[most];
        int count = 0;
        for (Ages.Aged aged : queue.ages().oldestFirst()) {
            if (count == most || !queue.ages().isTooOld(aged.stored(), now)) {
                break;
            }
            others[count++] = aged.sequence();
        }
        return Arrays.copyOf(others, count);
    }

    /// Sorted, and those that touch as one.
    private static List<Entry.Expired.Range> joined(List<Entry.Expired.Range> ranges) {
        ranges.sort(null);
        List<Entry.Expired.Range> joined = new ArrayList<>();
        for (Entry.Expired.Range range : ranges) {
            Entry.Expired.Range last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && last.end() >= range.first()) {
                joined.set(
                        joined.size() - 1,
                        new Entry.Expired.Range(last.first(), Math.max(last.end(), range.end())));
            } else {
                joined.add(range);
            }
        }
        return joined;
    }
}
