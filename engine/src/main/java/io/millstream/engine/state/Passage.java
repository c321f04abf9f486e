package io.millstream.engine.state;

import io.millstream.engine.state.Entry.BetweenQueues;
import io.millstream.engine.state.Entry.Moved;
import io.millstream.engine.state.Entry.Transferred;

/// The passage of a message from one queue to another: its bytes stay where they lie.
final class Passage {
    private Passage() {}

    /// @param position of the entry that says so
    static void apply(State state, BetweenQueues entry, long position) {
        QueueState source = state.queueOf(entry.channel());
        QueueState target = state.queueOf(entry.target());
        Delivery delivery = source.pick(entry.sequence());
        KeyHash group = source.lanes().members().groupKey(delivery.mark);
        KeyHash type = source.lanes().members().typeKey(delivery.mark);
        Arrival arrival = arrival(delivery, entry, state.now(), position);
        state.withdraw(delivery);
        Location left = source.locate(delivery.sequence);
        leave(delivery, entry);
        int priority = delivery.mark.priority();
        Mark mark =
                target.lanes()
                        .members()
                        .mark(group, type, priority, entry.targetSequence(), state.now());
        // A dead letter is as old as the message that it was.
        long stored = entry instanceof Moved ? left.stored() : state.now();
        target.put(
                entry.targetSequence(),
                new Location(left.position(), left.bytes(), stored, mark),
                arrival,
                Runs.Lying.ALONE,
                state.now());
        state.upcoming.ages(target, stored);
        state.upcoming.changed(source);
        state.upcoming.changed(target);
    }

    private static Arrival arrival(
            Delivery delivery, BetweenQueues entry, long now, long position) {
        return switch (entry) {
            case Moved moved -> Arrival.died(delivery, moved, now, position);
            case Transferred _ -> Arrival.moved(delivery.queue.definition.name(), now, position);
        };
    }

    private static void leave(Delivery delivery, BetweenQueues entry) {
        switch (entry) {
            case Moved _ -> delivery.queue.remove(delivery, false);
            case Transferred _ -> delivery.queue.remove(delivery);
        }
    }
}
