package io.millstream.engine;

import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.engine.log.Log;
import io.millstream.engine.log.LogCopy;
import io.millstream.engine.state.Snapshot;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The one backup that may be taken at a time: begun between two frames, written down slice by
/// slice, handed out when what it shows is durable, and held on to, within limits, while it is
/// read. The loop's own, but for [#ask].
///
/// A backup must not stop the store: when what it pins is all that the log, or the disk, could free
/// to go on, the backup is given up. In the log that takes a second, because one that is full when
/// the backup begins is no reason to have none: it is read first, and fast. There is a second for
/// all backups of a minute, so that who asks again and again holds nobody up for longer.
final class Backups {
    private static final long PATIENCE_NANOS = 1_000_000_000L;
    private static final int PATIENCE_IS_BACK_AFTER = 60;
    private static final String STOPPED =
            "The engine stopped before the backup was read. Take another one after the next start.";

    private final State state;
    private final Log log;
    private final Background background;
    private final Answers answers;
    private final Signal looping;
    private final EngineOptions options;
    private final Queue<CompletableFuture<Backup>> asked = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;
    private @Nullable Pin pin;

    // How long what is pinned has kept the log without room, and whether it does.
    private long heldUpNanos;
    private long lookedAtNanos;
    private boolean holdsUp;

    /// Who asked for the backup that is begun and not handed out.
    private @Nullable CompletableFuture<Backup> waiting;

    // What is to be shown, while it is written down.
    private @Nullable Snapshot snapshot;
    private Backup.@Nullable Moment moment;
    private final List<ByteBuffer> slices = new ArrayList<>();

    private @Nullable Backup begun;

    Backups(
            State state,
            Log log,
            Background background,
            Answers answers,
            Signal looping,
            EngineOptions options) {
        this.state = state;
        this.log = log;
        this.background = background;
        this.answers = answers;
        this.looping = looping;
        this.options = options;
        this.lookedAtNanos = options.time().nanos();
    }

    /// Asks for a backup. Any thread; the loop is to be woken.
    CompletableFuture<Backup> ask() {
        CompletableFuture<Backup> answer = new CompletableFuture<>();
        asked.add(answer);
        if (closed) {
            failAsked();
        }
        return answer;
    }

    /// Does what can be done between two frames.
    void step() {
        for (var answer = asked.peek(); answer != null; answer = asked.peek()) {
            // Looked at after the question, which may have been asked right after a close.
            if (waiting != null || (pin != null && !pin.isEnded())) {
                refuse(answer);
            } else if (state.isBeingWritten()) {
                // By a checkpoint, which is over soon.
                break;
            } else {
                begin(answer);
            }
            asked.remove();
        }
        handOut();
        if (pin != null && pin.isEnded() && snapshot == null) {
            // With it goes the memory for the state.
            pin = null;
        }
    }

    private void begin(CompletableFuture<Backup> answer) {
        long position = log.appender().position();
        long from = Math.min(state.oldestNeeded(position), position - 1);
        Set<Integer> segments = state.segments().keySet();
        LogCopy copy = LogCopy.of(log, position, from, state::needsStretch, segments);
        pin = new Pin(copy, from, segments, looping);
        countHeldUp(false);
        moment = Backup.Moment.of(state);
        snapshot = state.beginSnapshot(options.sliceBytes());
        waiting = answer;
    }

    /// Goes on by one slice with writing down what the backup shows.
    ///
    /// @return whether there was anything to do
    boolean sliceStep() {
        Snapshot taken = snapshot;
        Backup.Moment shown = moment;
        Pin held = pin;
        if (taken == null || shown == null || held == null) {
            return false;
        }
        taken.advance();
        taken.drainTo(slices::add);
        if (taken.isDone()) {
            held.copy().know(slices);
            begun = new Backup(held, shown);
            snapshot = null;
            slices.clear();
        }
        return true;
    }

    private void refuse(CompletableFuture<Backup> answer) {
        var busy =
                new Refusal.Busy(
                        "Another backup is being taken. Wait until it is done, then ask again.");
        answers.now(() -> answer.completeExceptionally(new RefusedException(busy)));
    }

    /// What it shows must not be taken back by a power cut, and is not on the disk before.
    private void handOut() {
        Backup backup = begun;
        CompletableFuture<Backup> answer = waiting;
        if (backup == null
                || answer == null
                || log.writer().durable() < backup.manifest().position()) {
            return;
        }
        begun = null;
        waiting = null;
        answers.now(() -> {
            if (!answer.complete(backup)) {
                // Who asked has given up.
                backup.close();
            }
        });
    }

    /// The position before which the log may be freed if it may be before `position`; gives the
    /// backup up if that leaves the log without room for too long.
    ///
    /// @param isShort whether publishes are about to be refused for want of room in the log
    long holdLog(long position, boolean isShort) {
        Pin held = pin;
        // A file that ends where the backup goes on reading can go.
        if (held == null || held.isEnded() || held.from() >= position - 1) {
            countHeldUp(false);
            return position;
        }
        long fileBytes = log.ring().format().fileBytes();
        boolean holdsFiles = (position - 1) / fileBytes > held.from() / fileBytes;
        countHeldUp(isShort && holdsFiles);
        if (heldUpNanos >= PATIENCE_NANOS) {
            giveUp(held, "The log (%d MiB) has no room left".formatted(mebibytes()));
            return position;
        }
        return held.from() + 1;
    }

    /// Whether the log would have more room but for a backup. The loop is to look again soon.
    boolean holdUpPublishes() {
        return holdsUp;
    }

    private void countHeldUp(boolean isShort) {
        long now = options.time().nanos();
        long passed = now - lookedAtNanos;
        heldUpNanos =
                holdsUp
                        ? heldUpNanos + passed
                        : Math.max(0, heldUpNanos - passed / PATIENCE_IS_BACK_AFTER);
        holdsUp = isShort;
        lookedAtNanos = now;
    }

    private long mebibytes() {
        return log.ring().capacityBytes() >> 20;
    }

    /// Whether a segment that nothing else needs must be kept; gives the backup up if that would
    /// leave the disk without room.
    boolean holdsSegment(int segment) {
        Pin held = pin;
        if (held == null || held.isEnded() || !held.keeps(segment)) {
            return false;
        }
        if (background.isDiskLow()) {
            giveUp(held, "The disk has no room left");
            return false;
        }
        return true;
    }

    private static void giveUp(Pin held, String why) {
        held.revoke(
                why
                        + " but what the backup had yet to read, and publishes come first. Take"
                        + " another one when there is less to do, or read it faster.");
    }

    /// Fails what waits and what is being read: the files are closed next.
    void abandon() {
        closed = true;
        Pin held = pin;
        if (held != null) {
            held.revoke(STOPPED);
        }
        CompletableFuture<Backup> answer = waiting;
        waiting = null;
        if (answer != null) {
            answers.now(() -> answer.completeExceptionally(Engine.stopped()));
        }
        failAsked();
    }

    private void failAsked() {
        for (var next = asked.poll(); next != null; next = asked.poll()) {
            next.completeExceptionally(Engine.stopped());
        }
    }
}
