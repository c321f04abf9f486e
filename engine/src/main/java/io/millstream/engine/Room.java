package io.millstream.engine;

import io.millstream.api.CommitId;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;
import io.millstream.engine.log.Log;
import io.millstream.engine.log.LogRing;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.PreparedCommit;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Whether the log, and the heap, have room for publishes. A part of the log is kept free of them,
/// so that consumers can always drain, and of that a part for what frees the log itself (see
/// [Journal]); between refusing and taking again lies a margin, so that it does not flicker.
final class Room {
    private static final System.Logger LOGGER = System.getLogger(Engine.class.getName());

    private final Log log;
    private final HeapRoom heap;
    private final Background background;
    private final long reserveBytes;
    private boolean heapIsShort;
    private boolean logIsShort;
    private boolean diskIsLow;
    private volatile String why = "";

    Room(Log log, HeapRoom heap, Background background) {
        this.log = log;
        this.heap = heap;
        this.background = background;
        this.reserveBytes = 2 * log.reserveBytes();
    }

    /// Looks anew.
    void update(Watchers watchers) {
        boolean heapWasShort = heapIsShort;
        boolean logWasShort = logIsShort;
        boolean diskWasLow = diskIsLow;
        heapIsShort = heapWasShort ? !heap.isAmple() : heap.isShort();
        logIsShort = logWasShort ? !logIsAmple() : logIsShort();
        diskIsLow = background.isDiskLow();
        if (heapIsShort != heapWasShort || logIsShort != logWasShort || diskIsLow != diskWasLow) {
            tell(watchers);
        }
    }

    private boolean accepting() {
        return !heapIsShort && !logIsShort;
    }

    private boolean logIsShort() {
        return background.isDiskLow()
                || (log.appender().roomBytes() < reserveBytes && !background.canGrow());
    }

    private boolean logIsAmple() {
        return !background.isDiskLow()
                && (background.canGrow() || log.appender().roomBytes() > 2 * reserveBytes);
    }

    private void tell(Watchers watchers) {
        boolean wasAccepting = why.isEmpty();
        why = accepting() ? "" : heapIsShort ? heap.reason() : reason();
        if (accepting() && wasAccepting) {
            return;
        }
        watchers.pressure(accepting(), why);
        if (accepting()) {
            LOGGER.log(System.Logger.Level.INFO, "Publishes are taken again.");
        } else {
            LOGGER.log(System.Logger.Level.WARNING, "Publishes are refused: " + why);
        }
    }

    /// Why publishes are refused, in words; empty if they are taken. Any thread.
    String why() {
        return why;
    }

    /// Why a commit that would have to wait is refused.
    Refusal busy() {
        return new Refusal.Busy(reason());
    }

    /// Whether a checkpoint would let files be used again that are needed now.
    ///
    /// @param needed the position from which on the log holds unsettled messages
    boolean wantsCheckpoint(long needed) {
        return isShort() && needed - log.ring().oldestBase() >= log.ring().format().fileBytes();
    }

    /// Whether the log is about to need what a checkpoint or a move would free.
    boolean isShort() {
        return log.appender().roomBytes() < 2 * reserveBytes && !background.canGrow();
    }

    private String reason() {
        String shortage = background.shortage();
        if (!shortage.isEmpty()) {
            return shortage;
        }
        LogRing ring = log.ring();
        boolean isCut = !background.canGrow() && ring.fileCount() < ring.filesMax();
        return ("The log (%d MiB) is full%s, and the disk does not keep up with moving unsettled"
                        + " messages out of it. Send again in a moment.")
                .formatted(
                        ((long) ring.wholeFiles() * ring.format().fileBytes()) >> 20,
                        isCut ? ", the disk has no room for more of it" : "");
    }

    /// Why a commit cannot be taken now, or null if it can.
    @Nullable Refusal refusalOf(PreparedCommit commit) {
        long limit = log.commitBytesMax();
        if (commit.bytes() > limit) {
            return new Refusal.TooLarge("A commit", commit.bytes(), limit);
        }
        CommitId id = commit.commit().id();
        Refusal ofReceipt = id == null ? null : heap.refusalOf(id);
        if (ofReceipt != null) {
            return ofReceipt;
        }
        boolean refused =
                (commit.publishes() && !accepting()) || (logIsShort && addsChannels(commit));
        return refused ? new Refusal.Busy(why) : heap.refusalOf(commit);
    }

    /// Why what was decided of a commit cannot be done now, or null if it can.
    @Nullable Refusal refusalOf(List<Entry> decided) {
        return heap.refusalOf(decided);
    }

    private boolean addsChannels(PreparedCommit commit) {
        return commit.commit().operations().stream()
                .anyMatch(
                        operation -> operation instanceof Operation.Define && heap.adds(operation));
    }
}
