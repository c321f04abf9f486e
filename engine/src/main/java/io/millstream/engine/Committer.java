package io.millstream.engine;

import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.engine.io.TimeSource;
import io.millstream.engine.log.Log;
import io.millstream.engine.state.Decider;
import io.millstream.engine.state.Decision;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.PreparedCommit;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;

import java.time.Instant;
import java.util.List;

/// Has commits decided, stored and answered. The loop's own.
final class Committer {
    private static final int STRANDED_PER_STEP = 4096;

    private final TimeSource time;
    private final Log log;
    private final Journal journal;
    private final State state;
    private final Room room;
    private final Failsafe failsafe;
    private final Answers answers;
    private final Aftermath aftermath;

    Committer(
            TimeSource time,
            Log log,
            Journal journal,
            Room room,
            Failsafe failsafe,
            Answers answers,
            Aftermath aftermath) {
        this.time = time;
        this.log = log;
        this.journal = journal;
        this.state = journal.state();
        this.room = room;
        this.failsafe = failsafe;
        this.answers = answers;
        this.aftermath = aftermath;
    }

    /// Does commits one after the other, or returns false because the next one has to be tried
    /// again when there is more room.
    boolean perform(CommitWork work) {
        while (!work.isDone()) {
            PreparedCommit commit = work.next();
            switch (decide(commit)) {
                case Decision.Rejected(int operation, Refusal why) ->
                        work.receive(new Receipt.Refused(now(), operation, why));
                case Decision.Accepted accepted -> {
                    Refusal ofMoves = room.refusalOf(accepted.entries());
                    if (ofMoves != null) {
                        work.receive(new Receipt.Refused(now(), 0, ofMoves));
                    } else if (store(accepted.entries())) {
                        work.receive(new Receipt.Committed(now(), accepted.effects()));
                    } else if (journal.lacksRoom() && hasWaitedLong(work)) {
                        work.receive(new Receipt.Refused(now(), 0, room.busy()));
                    } else {
                        return false;
                    }
                }
            }
        }
        answers.whenDurable(
                journal.mark(),
                work::complete,
                () -> work.answer().completeExceptionally(Engine.stopped()));
        return true;
    }

    private Decision decide(PreparedCommit commit) {
        return failsafe.decide(
                () -> {
                    Refusal noRoom = room.refusalOf(commit);
                    return noRoom == null
                            ? Decider.decide(state, commit, log.messageBytesMax())
                            : new Decision.Rejected(0, noRoom);
                },
                why -> new Decision.Rejected(0, why));
    }

    /// Room comes by itself while files are prepared, checkpoints stored and messages moved, for
    /// which a commit waits a little; then it is refused, because nobody else may wait behind it.
    private boolean hasWaitedLong(CommitWork work) {
        return work.roomWait().passed(time.nanos()) >= RoomWait.MAX.toNanos();
    }

    /// Stores and applies entries of one commit and tells whom they concern.
    ///
    /// @return false if there is no room for them now
    boolean store(List<Entry> entries) {
        return store(entries, false);
    }

    /// As [#store], for entries that may free the log.
    boolean storeFreeing(List<Entry> entries) {
        return store(entries, true);
    }

    private boolean store(List<Entry> entries, boolean freeing) {
        Aftermath.Removed removed = aftermath.removedBy(entries);
        if (!(freeing ? journal.storeFromHalfReserve(entries) : journal.store(entries))) {
            return false;
        }
        aftermath.tell(entries, removed);
        return true;
    }

    /// Looks again at the messages whose dead-letter target refused them, if that has been defined
    /// or their own queue has; some of them, if they are many.
    ///
    /// @return whether anything happened
    boolean retryStranded() {
        if (!aftermath.definitionsChanged()) {
            return false;
        }
        int moved = 0;
        for (QueueState queue : state.withStranded()) {
            if (!aftermath.concernsStranded(queue.definition())) {
                continue;
            }
            for (Delivery delivery : state.stranded(queue)) {
                List<Entry> entries = Decider.decideStranded(state, delivery);
                if (moved == STRANDED_PER_STEP || !store(entries)) {
                    return moved > 0;
                }
                moved += entries.isEmpty() ? 0 : 1;
            }
        }
        aftermath.strandedRetried();
        return moved > 0;
    }

    private Instant now() {
        return Instant.ofEpochMilli(state.now());
    }
}
