package io.millstream.engine;

import io.millstream.engine.state.QueueState;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Who waits for the messages of one queue: takes in the order they came, then consumers.
final class Waiters {
    private final Deque<PendingTake> takes = new ArrayDeque<>();
    private final Consumers consumers = new Consumers();

    void add(PendingTake take) {
        takes.addLast(take);
    }

    void remove(PendingTake take) {
        takes.remove(take);
    }

    /// The take that is served next: the first one for which something is ready; or null.
    @Nullable PendingTake firstTake(QueueState queue) {
        for (PendingTake take : takes) {
            if (take.filter().isAll() || queue.hasReady(take.filter())) {
                return take;
            }
        }
        return null;
    }

    List<PendingTake> takes() {
        return List.copyOf(takes);
    }

    Consumers consumers() {
        return consumers;
    }

    boolean isEmpty() {
        return takes.isEmpty() && consumers.isEmpty();
    }
}
