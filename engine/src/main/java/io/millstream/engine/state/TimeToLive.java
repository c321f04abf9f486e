package io.millstream.engine.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// How long messages may lie undelivered. It is looked at where a message is the next of its lane,
/// and when one would be handed out, so no message has a timer of its own.
public final class TimeToLive {
    private TimeToLive() {}

    /// Whether messages of a queue may have lain there for too long at some time.
    static boolean isIn(QueueState queue) {
        return queue.definition.timeToLive() != null || queue.lanes().members().isLimited();
    }

    /// Whether a message that is ready has lain in its queue for too long.
    static boolean isOver(QueueState queue, long sequence, long now) {
        return isIn(queue) && end(queue, sequence) <= now;
    }

    /// When a message that is ready will have lain there for too long, or [Long#MAX_VALUE].
    private static long end(QueueState queue, long sequence) {
        Delivery delivery = queue.delivery(sequence);
        if (delivery != null) {
            return end(queue, delivery.mark, delivery.arrived);
        }
        Location at = queue.locate(sequence);
        return end(queue, at.mark(), queue.arrived(sequence, at));
    }

    private static long end(QueueState queue, Mark mark, long arrived) {
        Duration ofQueue = queue.definition.timeToLive();
        long end = ofQueue == null ? Long.MAX_VALUE : arrived + ofQueue.toMillis();
        return Math.min(end, mark.expires());
    }

    /// When the first of the messages that are next has lain there for too long, or
    /// [Long#MAX_VALUE].
    static long next(QueueState queue) {
        if (!isIn(queue)) {
            return Long.MAX_VALUE;
        }
        long next = Long.MAX_VALUE;
        for (long head : heads(queue)) {
            next = Math.min(next, end(queue, head));
        }
        return next;
    }

    /// What happens to the messages that are next and have lain there for too long; at least one
    /// thing, if [#next] was right.
    public static List<Entry> decide(State state, QueueState queue) {
        List<Long> over = new ArrayList<>();
        for (long head : heads(queue)) {
            if (end(queue, head) <= state.now()) {
                over.add(head);
            }
        }
        return decide(state, queue, over);
    }

    /// What happens to messages that have lain there for too long.
    static List<Entry> decide(State state, QueueState queue, List<Long> over) {
        Invariant.check(!over.isEmpty(), "Nothing of channel %d has outlived", queue.channel());
        if (queue.definition.deadLetter() != null) {
            return Decider.decideExpiry(state, queue, over);
        }
        return List.of(
                new Entry.Expired(
                        queue.channel(),
                        over.stream()
                                .map(one -> new Entry.Expired.Range(one, one + 1))
                                .sorted()
                                .toList()));
    }

    private static List<Long> heads(QueueState queue) {
        List<Long> heads = new ArrayList<>();
        if (!queue.cursor().isAtEnd()) {
            heads.add(queue.cursor().at);
        }
        addFirst(queue.lanes().all(), heads);
        addFirst(queue.lanes().held(), heads);
        return heads;
    }

    private static void addFirst(List<Lane> lanes, List<Long> heads) {
        for (Lane lane : lanes) {
            addFirst(lane.again, heads);
            addFirst(lane.fresh, heads);
            addFirst(lane.fairFresh, heads);
            addFirst(lane.fairAgain, heads);
        }
    }

    private static void addFirst(TimeOrder order, List<Long> heads) {
        if (!order.isEmpty()) {
            heads.add(order.firstSequence());
        }
    }
}
