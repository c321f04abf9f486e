package io.millstream.engine;

import io.millstream.api.Bytes;
import io.millstream.api.Definition;
import io.millstream.api.Handle;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Via;
import io.millstream.engine.heap.HeapCosts;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.state.Tables;
import io.millstream.engine.topic.TopicState;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
        Set<Handle> done = new HashSet<>();
        long bytes = 0;
        for (Operation operation : operations) {
            if (operation instanceof Operation.Settle(Handle handle, Outcome.Done _, var _)) {
                boolean frees = isOut(handle) && done.add(handle);
                bytes -= frees ? HeapCosts.DELIVERY + allowed : 0;
            } else {
                bytes += by(operation);
            }
        }
        return bytes;
    }

    /// The growth by what these entries move inside the store: a message that was moved has a run
    /// of its own and says where it came from, as one that came so before did already.
    long byMoving(List<Entry> entries) {
        long bytes = 0;
        for (Entry entry : entries) {
            bytes +=
                    switch (entry) {
                        case Entry.Replayed _ -> HeapCosts.RUN + HeapCosts.ARRIVAL;
                        case Entry.Transferred moved ->
                                cameFromElsewhere(moved.channel(), moved.sequence())
                                        ? 0
                                        : HeapCosts.RUN + HeapCosts.ARRIVAL;
                        case Entry.Moved moved ->
                                moved.cause() == Via.Cause.OVERFLOW
                                        ? HeapCosts.RUN + HeapCosts.ARRIVAL + HeapCosts.DEATH
                                        : 0;
                        default -> 0;
                    };
        }
        return bytes;
    }

    private boolean cameFromElsewhere(long channel, long sequence) {
        QueueState queue = state.queue(channel);
        return queue != null && queue.arrival(sequence) != null;
    }

    private boolean isOut(Handle handle) {
        QueueState queue = state.queue(handle.incarnation());
        Delivery delivery = queue == null ? null : queue.delivery(handle.sequence());
        return delivery != null && delivery.isLeased() && delivery.fence().equals(handle.fence());
    }

    private long by(Operation operation) {
        return switch (operation) {
            case Operation.Put _ -> HeapCosts.RUN;
            case Operation.Publish publish -> by(publish);
            case Operation.Append append -> by(append);
            case Operation.Define define -> by(define.definition());
            case Operation.Write write -> by(write);
            case Operation.MoveCursor move -> by(move);
            default -> 0;
        };
    }

    private long by(Operation.Publish publish) {
        return (long) HeapCosts.RUN * state.routes().targetsOf(publish).size();
    }

    private long by(Operation.Append append) {
        TopicState topic = state.topics().topic(append.topic());
        boolean counts = topic != null && topic.countsKeys();
        return HeapCosts.EXTENT + (counts ? (long) append.messages().size() * HeapCosts.KEY : 0);
    }

    private long by(Definition definition) {
        return switch (definition) {
            case Definition.Queue queue -> {
                QueueState known = state.queue(queue.name());
                long before = known == null ? 0 : HeapCosts.queue(known.definition());
                yield Math.max(0, HeapCosts.queue(queue) - before);
            }
            case Definition.Topic topic -> {
                TopicState known = state.topics().topic(topic.name());
                long partitions = known == null ? 0 : known.partitions().size();
                yield (known == null ? HeapCosts.TOPIC : 0)
                        + HeapCosts.PARTITION * Math.max(0, topic.partitions() - partitions);
            }
            case Definition.Exchange exchange ->
                    state.routes().exchange(exchange.name()) == null ? HeapCosts.ROUTE : 0;
            case Definition.Binding binding ->
                    state.routes().binding(binding.id()) == null ? HeapCosts.ROUTE : 0;
        };
    }

    private long by(Operation.Write write) {
        Bytes value = write.value();
        if (value == null) {
            return 0;
        }
        Tables.Row old = state.tables().get(write.table(), write.key());
        long before = old == null ? 0 : HeapCosts.row(write.key(), old.value().length());
        return Math.max(0, HeapCosts.row(write.key(), value.length()) - before);
    }

    private long by(Operation.MoveCursor move) {
        TopicState topic = state.topics().topic(move.topic());
        if (topic == null || move.offset() == Operation.MoveCursor.FORGET) {
            return 0;
        }
        List<Long> known = topic.cursors().get(move.cursor());
        long before = known == null ? 0 : HeapCosts.cursor(move.cursor(), known.size());
        return Math.max(0, HeapCosts.cursor(move.cursor(), move.partition() + 1) - before);
    }
}
