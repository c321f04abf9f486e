package io.millstream.engine;

import io.millstream.engine.state.Entry;
import io.millstream.engine.state.ExpiryDecider;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.state.TimeToLive;

import java.util.List;

/// Drops what has become too old for its queue or has lain there undelivered for too long, so much
/// a step that the loop goes on: a queue of ten million expired messages is emptied in some
/// thousand steps, and nothing is handed out of it meanwhile that is too old. The loop's own.
final class Expiry {
    private static final int MESSAGES_PER_STEP = 4096;

    /// When a queue is looked at again whose dead letters there was no heap for.
    private static final long WAIT_MILLIS = 100;

    private final State state;
    private final Journal journal;
    private final Dispatcher dispatcher;
    private final Committer committer;
    private final HeapRoom heap;

    Expiry(Journal journal, Dispatcher dispatcher, Committer committer, HeapRoom heap) {
        this.state = journal.state();
        this.journal = journal;
        this.dispatcher = dispatcher;
        this.committer = committer;
        this.heap = heap;
    }

    /// Drops some of it, if there is room for saying so.
    ///
    /// @return whether anything was dropped
    boolean step() {
        int left = MESSAGES_PER_STEP;
        while (left > 0) {
            QueueState queue = state.overdue();
            if (queue == null) {
                break;
            }
            long before = queue.size();
            Entry.Expired expired = ExpiryDecider.decide(state, queue, left);
            if (!journal.store(List.of(expired))) {
                break;
            }
            left -= (int) (before - queue.size());
            // Whoever waits behind what was too old can be served now.
            dispatcher.touch(queue.channel());
        }
        return endLives(left) < MESSAGES_PER_STEP;
    }

    /// Dead-letters or drops what has lain undelivered for too long. Dead letters wait while heap
    /// is short; what is dropped frees some.
    private int endLives(int most) {
        int left = most;
        while (left > 0) {
            QueueState queue = state.outlived();
            if (queue == null) {
                break;
            }
            if (queue.definition().deadLetter() != null && !heap.hasRoomForDeadLetters()) {
                state.outlivesFor(queue, WAIT_MILLIS);
                continue;
            }
            List<Entry> entries = TimeToLive.decide(state, queue);
            if (!committer.store(entries)) {
                break;
            }
            left -= entries.size();
        }
        return left;
    }
}
