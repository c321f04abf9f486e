package io.millstream.engine.state;

import io.millstream.api.View;
import io.millstream.engine.state.Delivery.Status;

/// Where one message of a queue stands.
public final class Standing {
    private Standing() {}

    /// Where a message that is ready stands among the others, see [Turn].
    static long turn(QueueState queue, long sequence) {
        Delivery delivery = queue.delivery(sequence);
        if (delivery != null) {
            return delivery.turn();
        }
        Location at = queue.locate(sequence);
        return at.mark().due() == 0
                ? Turn.ofPut(queue.arrived(sequence, at))
                : Turn.ofWait(at.mark().due());
    }

    /// Whether a message of a group is ready, as far as the group lets it.
    static boolean isReady(QueueState queue, long sequence) {
        Delivery delivery = queue.delivery(sequence);
        return delivery == null ? dueOf(queue, sequence) == 0 : delivery.status == Status.READY;
    }

    /// Whether a message is ready and its group does not hold it up.
    static boolean mayGo(QueueState queue, long sequence) {
        Group group = queue.lanes().members().groupOf(queue.locate(sequence).mark());
        if (group == null || !queue.definition.groups().isOrdered()) {
            return isReady(queue, sequence);
        }
        return group.leased == 0
                && isReady(queue, sequence)
                && isReady(queue, group.members.firstSequence());
    }

    /// When a message that waits for its time joins the ready ones, in milliseconds since 1970, or
    /// 0 if it does not.
    public static long dueOf(QueueState queue, long sequence) {
        Delivery delivery = queue.delivery(sequence);
        if (delivery != null) {
            return delivery.status == Status.WAITING ? delivery.deadline : 0;
        }
        long due = queue.locate(sequence).mark().due();
        return due != 0 && queue.lanes().delayed().contains(due, sequence) ? due : 0;
    }

    /// How many messages are neither leased nor wait for their time: they are ready, or their group
    /// or a dead-letter target holds them up.
    static long outOfTime(QueueState queue) {
        View.QueueCounts counts = counts(queue);
        Lanes lanes = queue.lanes();
        return counts.ready() + counts.delayed() - lanes.delayed().size() - lanes.waiting().size();
    }

    /// What is in a queue and has passed through it.
    static View.QueueCounts counts(QueueState queue) {
        Lanes lanes = queue.lanes();
        long delayed = (long) queue.outstanding.size() - queue.leased() - lanes.again();
        QueueState archive = queue.archive;
        return new View.QueueCounts(
                queue.cursor().waiting() + lanes.again() + lanes.freshReady(),
                queue.leased(),
                delayed + lanes.delayed().size(),
                queue.bytes,
                queue.stored,
                queue.done,
                queue.dead,
                queue.expired,
                archive == null ? 0 : archive.size());
    }

    /// What a browsing client sees of a message's state.
    public static View.MessageState stateOf(QueueState queue, long sequence) {
        Delivery delivery = queue.delivery(sequence);
        if (delivery == null) {
            return dueOf(queue, sequence) == 0
                    ? View.MessageState.READY
                    : View.MessageState.DELAYED;
        }
        return switch (delivery.status) {
            case LEASED -> View.MessageState.LEASED;
            case READY -> View.MessageState.READY;
            case WAITING, STRANDED -> View.MessageState.DELAYED;
        };
    }

    /// What a ready message's next lease builds on.
    public static Past past(QueueState queue, long sequence, long now) {
        Delivery delivery = queue.delivery(sequence);
        Arrival arrival = queue.arrival(sequence);
        if (delivery != null) {
            long first = delivery.firstDelivered == 0 ? now : delivery.firstDelivered;
            return new Past(delivery.deliveries, delivery.attempts, first, arrival);
        }
        if (arrival != null && arrival.firstDelivered() != 0) {
            return new Past(arrival.deliveries(), 0, arrival.firstDelivered(), arrival);
        }
        return new Past(0, 0, now, arrival);
    }
}
