package io.millstream.engine.state;

import io.millstream.api.Via;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The messages of a queue that were handed out and are not settled.
final class Outstanding {
    private final LongMap<Delivery> bySequence;
    private final HeapAccount heap;

    /// @param heap what they are charged to, with other things
    Outstanding(HeapAccount heap) {
        this(0, heap);
    }

    /// None, with room for so many.
    Outstanding(int expected, HeapAccount heap) {
        this.bySequence = new LongMap<>(expected);
        this.heap = heap;
    }

    int size() {
        return bySequence.size();
    }

    @Nullable Delivery get(long sequence) {
        return bySequence.get(sequence);
    }

    boolean contains(long sequence) {
        return bySequence.contains(sequence);
    }

    void add(Delivery delivery) {
        bySequence.put(delivery.sequence, delivery);
        heap.add(HeapCosts.DELIVERY + delivery.reasonBytes());
    }

    void remove(Delivery delivery) {
        bySequence.remove(delivery.sequence);
        heap.add(-HeapCosts.DELIVERY - delivery.reasonBytes());
    }

    /// It waits for a dead-letter target, for that reason.
    void strand(Delivery delivery, Via.Cause cause, String reason) {
        delivery.strandedCause = cause;
        heap.add(-delivery.reasonBytes());
        delivery.strandedReason = reason;
        heap.add(delivery.reasonBytes());
    }

    /// All of them, in the order of puts.
    List<Delivery> inOrder() {
        List<Delivery> all = new ArrayList<>(size());
        for (long sequence : bySequence.sortedKeys()) {
            Delivery delivery = bySequence.get(sequence);
            if (delivery != null) {
                all.add(delivery);
            }
        }
        return all;
    }
}
