package io.millstream.engine;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Holds every answer back until what it says is on the disk, then hands it to the answering
/// thread.
///
/// An answer waits for the frame that was open, or sealed last, when it was decided: its *mark* is
/// that frame's position, and it may leave when everything before a later position is durable (or,
/// for the leases of a take whose messages are durable already, written). Marks never decrease, so
/// two queues in order are enough.
final class Answers {
    private final ArrayDeque<Held> untilDurable = new ArrayDeque<>();
    private final ArrayDeque<Held> untilWritten = new ArrayDeque<>();
    private final Queue<Runnable> outbound = new ConcurrentLinkedQueue<>();
    private final Signal answering;

    private long count;
    private volatile boolean waitsForWrite;

    private record Held(long mark, long number, Runnable answer, Runnable failure) {}

    Answers(Signal answering) {
        this.answering = answering;
    }

    /// Holds `answer` until the frame at `mark` is durable; if the engine stops before, `failure`
    /// runs instead.
    void whenDurable(long mark, Runnable answer, Runnable failure) {
        untilDurable.add(new Held(mark, count++, answer, failure));
    }

    /// Holds `answer` until the frame at `mark` is written.
    void whenWritten(long mark, Runnable answer, Runnable failure) {
        waitsForWrite = true;
        untilWritten.add(new Held(mark, count++, answer, failure));
    }

    /// Lets go what may leave, in the order in which it was decided. The loop's.
    boolean release(long written, long durable) {
        boolean released = false;
        for (Held next = next(written, durable); next != null; next = next(written, durable)) {
            outbound.add(next.answer);
            released = true;
        }
        if (released) {
            answering.give();
            waitsForWrite = !untilWritten.isEmpty();
        }
        return released;
    }

    /// Whether an answer may leave before the sync, so that the loop is to be woken after a write.
    /// May be asked by any thread: what is held from now on is looked at by the loop itself.
    boolean waitsForWrite() {
        return waitsForWrite;
    }

    /// Takes out what may leave next: of two that may, what was decided first, or a consumer would
    /// get the later message before the earlier one.
    private @Nullable Held next(long written, long durable) {
        Held one = untilDurable.peekFirst();
        Held other = untilWritten.peekFirst();
        boolean mayOne = one != null && one.mark < durable;
        boolean mayOther = other != null && other.mark < written;
        if (mayOne && mayOther) {
            return one.number < other.number ? untilDurable.poll() : untilWritten.poll();
        }
        if (mayOne) {
            return untilDurable.poll();
        }
        return mayOther ? untilWritten.poll() : null;
    }

    /// Has everything that is held fail, because nobody knows what of it is on the disk.
    void failAll() {
        untilDurable.forEach(held -> outbound.add(held.failure));
        untilWritten.forEach(held -> outbound.add(held.failure));
        untilDurable.clear();
        untilWritten.clear();
        answering.give();
    }

    /// Has `answer` run without waiting for anything, but in order with what was let go before.
    void now(Runnable answer) {
        outbound.add(answer);
        answering.give();
    }

    /// Whether anything is held back.
    boolean isEmpty() {
        return untilDurable.isEmpty() && untilWritten.isEmpty();
    }

    /// Runs what was let go. The answering thread's.
    ///
    /// @return whether there was anything
    boolean run() {
        boolean ran = false;
        for (Runnable answer = outbound.poll(); answer != null; answer = outbound.poll()) {
            answer.run();
            ran = true;
        }
        return ran;
    }
}
