package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.TreeMap;

/// What a queue's dead letters brought along, by the messages that are still in it.
final class Arrivals {
    private final LongMap<Arrival> bySequence = new LongMap<>();

    /// The dead letters in the order in which they came, by the queues that they died in.
    private final Map<ChannelName, TimeOrder> byOrigin = new TreeMap<>();

    private final HeapAccount heap;

    /// @param heap what they are charged to, with other things
    Arrivals(HeapAccount heap) {
        this.heap = heap;
    }

    @Nullable Arrival get(long sequence) {
        return bySequence.get(sequence);
    }

    /// Those that died in each queue, at time 0 in the order in which they came.
    Map<ChannelName, TimeOrder> byOrigin() {
        return byOrigin;
    }

    void add(long sequence, Arrival arrival) {
        bySequence.put(sequence, arrival);
        heap.add(heapBytes(arrival));
        if (arrival.cause() != null) {
            byOrigin.computeIfAbsent(arrival.from(), _ -> new TimeOrder()).add(0, sequence);
        }
    }

    /// Forgets what a message brought along.
    ///
    /// @return whether it had anything
    boolean remove(long sequence) {
        Arrival arrival = bySequence.remove(sequence);
        if (arrival == null) {
            return false;
        }
        heap.add(-heapBytes(arrival));
        byOrigin.computeIfPresent(
                arrival.from(),
                (_, order) -> {
                    order.remove(0, sequence);
                    return order.isEmpty() ? null : order;
                });
        return true;
    }

    private static long heapBytes(Arrival arrival) {
        return arrival.heapBytes() + (arrival.cause() == null ? 0 : HeapCosts.LISTED);
    }
}
