package io.millstream.engine;

import io.millstream.api.CommitId;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.engine.io.TimeSource;
import io.millstream.engine.log.Log;
import io.millstream.engine.state.Decider;
import io.millstream.engine.state.Decision;
import io.millstream.engine.state.Delivery;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.PreparedCommit;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.Senders;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
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
            Receipt receipt = receiptOf(work.next(), work);
            if (receipt == null) {
                return false;
            }
            work.receive(receipt);
        }
        answers.whenDurable(
                journal.mark(),
                work::complete,
                () -> work.answer().completeExceptionally(Engine.stopped()));
        return true;
    }

    /// What was decided of a commit.
    ///
    /// @param entries what is to be stored so that the receipt is true
    private record Decided(Receipt receipt, List<Entry> entries) {}

    private @Nullable Receipt receiptOf(PreparedCommit commit, CommitWork work) {
        CommitId id = commit.commit().id();
        Receipt first = id == null ? null : state.senders().answerTo(id, state.now());
        if (first != null) {
            return first;
        }
        Decided decided =
                failsafe.decide(() -> decide(commit), why -> remembered(commit, refused(0, why)));
        if (store(decided.entries)) {
            return decided.receipt;
        }
        if (journal.lacksRoom() && frees(commit) && storeFreeing(decided.entries)) {
            return decided.receipt;
        }
        return journal.lacksRoom() && hasWaitedLong(work) ? refused(0, room.busy()) : null;
    }

    private Decided decide(PreparedCommit commit) {
        Refusal noRoom = room.refusalOf(commit);
        if (noRoom != null) {
            return remembered(commit, refused(0, noRoom));
        }
        return switch (Decider.decide(state, commit, log.messageBytesMax())) {
            case Decision.Rejected(int operation, Refusal why) ->
                    remembered(commit, refused(operation, why));
            case Decision.Accepted(List<Entry> entries, List<Effect> effects) -> {
                Refusal ofEffects = room.refusalOf(entries);
                if (ofEffects == null) {
                    ofEffects = refusalToTell(commit, entries);
                }
                yield ofEffects == null
                        ? remembered(commit, new Receipt.Committed(now(), effects), entries)
                        : remembered(commit, refused(0, ofEffects));
            }
        };
    }

    /// What is told of a commit lies in its frame: one that could never fit there is refused.
    private @Nullable Refusal refusalToTell(PreparedCommit commit, List<Entry> entries) {
        long limit = log.commitBytesMax();
        if (commit.bytes() + Chronicle.mostBytesOf(entries) <= limit) {
            return null;
        }
        long bytes = commit.bytes() + journal.bytesToTell(entries, limit);
        return bytes > limit
                ? new Refusal.TooLarge("A commit with what it tells topics", bytes, limit)
                : null;
    }

    private Receipt refused(int operation, Refusal why) {
        return new Receipt.Refused(now(), operation, why);
    }

    private Decided remembered(PreparedCommit commit, Receipt refused) {
        return remembered(commit, refused, List.of());
    }

    /// With the entry that remembers the receipt of a commit that may be sent again. What is busy
    /// is not remembered: it is to be decided anew.
    private Decided remembered(PreparedCommit commit, Receipt receipt, List<Entry> entries) {
        CommitId id = commit.commit().id();
        if (id == null
                || (receipt instanceof Receipt.Refused refused
                        && refused.refusal() instanceof Refusal.Busy)) {
            return new Decided(receipt, entries);
        }
        Entry.Answered answered = Senders.entryOf(id, receipt);
        long bytes = commit.bytes() + answered.receipt().length;
        if (receipt instanceof Receipt.Committed && bytes > log.commitBytesMax()) {
            Refusal large =
                    new Refusal.TooLarge("A commit with its receipt", bytes, log.commitBytesMax());
            return remembered(commit, refused(0, large));
        }
        List<Entry> all = new ArrayList<>(entries);
        all.add(answered);
        return new Decided(receipt, all);
    }

    /// Whether it says how queues and topics are kept, or ends something, and adds no message: what
    /// is done about a full disk has to be possible on one.
    private static boolean frees(PreparedCommit commit) {
        return commit.commit().operations().stream()
                .allMatch(operation ->
                        operation instanceof Operation.Define
                                || operation instanceof Operation.Remove
                                || operation instanceof Operation.Edit.Purge);
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
