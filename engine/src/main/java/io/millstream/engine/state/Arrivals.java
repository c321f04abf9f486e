package io.millstream.engine.state;

import io.millstream.engine.heap.HeapAccount;

import org.jspecify.annotations.Nullable;

/// What a queue's dead letters brought along, by the messages that are still in it.
final class Arrivals {
    private final LongMap<Arrival> bySequence = new LongMap<>();
    private final HeapAccount heap;

    /// @param heap what they are charged to, with other things
    Arrivals(HeapAccount heap) {
        this.heap = heap;
    }

    @Nullable Arrival get(long sequence) {
        return bySequence.get(sequence);
    }

    void add(long sequence, Arrival arrival) {
        bySequence.put(sequence, arrival);
        heap.add(arrival.heapBytes());
    }

    /// Forgets what a message brought along.
    ///
    /// @return whether it had anything
    boolean remove(long sequence) {
        Arrival arrival = bySequence.remove(sequence);
        if (arrival == null) {
            return false;
        }
        heap.add(-arrival.heapBytes());
        return true;
    }
}
