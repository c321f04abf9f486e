package io.millstream.engine;

import io.millstream.api.Definition;
import io.millstream.api.Handle;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.TopicState;

import java.util.List;

/// How much more heap the state takes after a commit, at most and by estimate.
final class HeapGrowth {
    private final State state;

    HeapGrowth(State state) {
        this.state = state;
    }

    /// The growth by all of these, less what may be added for each message that is taken out.
    ///
    /// @param allowed in bytes, besides what the message itself takes
    long by(List<Operation> operations, int allowed) {
        long bytes = 0;
        for (Operation operation : operations) {
            bytes += isDone(operation) ? -HeapCosts.DELIVERY - allowed : by(operation);
        }
        return bytes;
    }

    /// Whether an operation takes out a message that is there.
    private boolean isDone(Operation operation) {
        if (!(operation instanceof Operation.Settle(Handle handle, Outcome.Done _, var _))) {
            return false;
        }
        QueueState queue = state.queue(handle.incarnation());
        Delivery delivery = queue == null ? null : queue.delivery(handle.sequence());
        return delivery != null && delivery.isLeased() && delivery.fence().equals(handle.fence());
    }

    private long by(Operation operation) {
        return switch (operation) {
            case Operation.Put _, Operation.Publish _ -> HeapCosts.RUN;
            case Operation.Append append ->
                    HeapCosts.EXTENT + (long) append.messages().size() * HeapCosts.KEY;
            case Operation.Define define -> isNew(define.definition()) ? HeapCosts.TOPIC : 0;
            case Operation.Write write -> by(write);
            case Operation.MoveCursor move -> by(move);
            default -> 0;
        };
    }

    private static long by(Operation.Write write) {
        return write.value() == null
                ? 0
                : HeapCosts.ROW + HeapCosts.text(write.key()) + write.value().length();
    }

    private boolean isNew(Definition definition) {
        return state.queue(definition.name()) == null
                && state.topics().topic(definition.name()) == null;
    }

    private long by(Operation.MoveCursor move) {
        TopicState topic = state.topics().topic(move.topic());
        List<Long> known = topic == null ? null : topic.cursors().get(move.cursor());
        long offsets = (long) HeapCosts.OFFSET * (move.partition() + 1);
        return known == null
                ? HeapCosts.CURSOR + HeapCosts.text(move.cursor()) + offsets
                : offsets - (long) HeapCosts.OFFSET * known.size();
    }
}
