package io.millstream.engine;

import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;
import io.millstream.engine.state.Decider;
import io.millstream.engine.state.Decision;
import io.millstream.engine.state.Invariant;
import io.millstream.engine.state.PreparedCommit;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.state.Times;

import java.time.Duration;

/// Which queues go when nobody uses them, and when. The loop's own.
///
/// Only the removal is an entry: when a queue was used last is not stored, so that a take costs
/// nothing more. Being opened is a use, or a queue could go that was in use when the engine ended.
final class UnusedQueues {
    private static final int REMOVALS_PER_STEP = 64;

    private final State state;
    private final EngineClock clock;

    /// When each goes; none that somebody waits for.
    private final Ends<Long> due = new Ends<>();

    UnusedQueues(State state, EngineClock clock) {
        this.state = state;
        this.clock = clock;
    }

    /// The engine has been opened, and nobody waits for anything.
    void opened() {
        for (QueueState queue = state.queueAfter(0);
                queue != null;
                queue = state.queueAfter(queue.channel())) {
            usedLast(queue);
        }
    }

    /// Somebody waits for its messages from now on.
    void inUse(long channel) {
        due.remove(channel);
    }

    /// Nobody waits for its messages any more.
    void usedLast(long channel) {
        QueueState queue = state.queue(channel);
        if (queue != null) {
            usedLast(queue);
        }
    }

    /// It is used now, and nobody waits for its messages.
    void usedLast(QueueState queue) {
        Duration unusedFor = queue.definition().unusedFor();
        if (unusedFor == null) {
            due.remove(queue.channel());
        } else {
            // The state's clock stands still while a frame is open: by it, the use would be older.
            due.add(queue.channel(), Times.after(clock.now(), unusedFor));
        }
    }

    /// It is gone.
    void removed(long channel) {
        due.remove(channel);
    }

    /// When the next one goes, in milliseconds since 1970.
    long nextDue() {
        return due.next();
    }

    /// Removes some of those that are due, if there is room for saying so. Whoever has asked for
    /// one of them before must have been heard.
    ///
    /// @return whether any was removed
    boolean step(Committer committer) {
        int removed = 0;
        for (Long channel = due.firstEnded(state.now());
                channel != null && removed < REMOVALS_PER_STEP;
                channel = due.firstEnded(state.now())) {
            if (!remove(channel, committer)) {
                break;
            }
            removed++;
        }
        return removed > 0;
    }

    /// As if somebody had asked for it, so that whatever belongs to a removal belongs to this one.
    private boolean remove(long channel, Committer committer) {
        QueueState queue =
                Invariant.present(state.queue(channel), "Queue %d is due and gone", channel);
        Operation remove =
                new Operation.Remove(queue.definition().name(), Expect.Anything.ANYTHING);
        PreparedCommit commit = PreparedCommit.of(Commit.of(remove), state.now());
        return switch (Decider.decide(state, commit, Long.MAX_VALUE)) {
            case Decision.Accepted accepted -> committer.storeFreeing(accepted.entries());
            case Decision.Rejected(int operation, Refusal why) ->
                    throw new IllegalStateException(
                            "Unused queue %d is not removed: %s"
                                    .formatted(queue.channel(), why.text()));
        };
    }
}
