package io.millstream.engine;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Who waits for the messages of one queue: takes in the order they came, then consumers in turn.
final class Waiters {
    private final Deque<PendingTake> takes = new ArrayDeque<>();
    private final List<Consumer> consumers = new ArrayList<>();
    private int turn;

    void add(PendingTake take) {
        takes.addLast(take);
    }

    void remove(PendingTake take) {
        takes.remove(take);
    }

    void add(Consumer consumer) {
        consumers.add(consumer);
    }

    void remove(Consumer consumer) {
        consumers.remove(consumer);
    }

    /// The take that is served next, or null.
    @Nullable PendingTake firstTake() {
        return takes.peekFirst();
    }

    /// The consumer that is served next, whose window is open, or null.
    @Nullable Consumer nextConsumer() {
        for (int i = 0; i < consumers.size(); i++) {
            turn = (turn + 1) % consumers.size();
            Consumer consumer = consumers.get(turn);
            if (consumer.window().isOpen()) {
                return consumer;
            }
        }
        return null;
    }

    int consumerCount() {
        return consumers.size();
    }

    List<PendingTake> takes() {
        return List.copyOf(takes);
    }

    List<Consumer> consumers() {
        return List.copyOf(consumers);
    }

    boolean isEmpty() {
        return takes.isEmpty() && consumers.isEmpty();
    }
}
