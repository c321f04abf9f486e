package io.millstream.jobs;

import io.millstream.api.Receipt;
import io.millstream.api.Refusal;

import java.time.Duration;

/// How long a job is surely its worker's, by this machine's monotonic clock, and how long its
/// handler may go on. When one of them is over, the handler's thread is interrupted: before anybody
/// else can have the job, not after.
final class Hold {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final int MARGIN = 10;

    private final String id;
    private final Thread thread = Thread.currentThread();
    private final long length;
    private volatile long validUntil;

    // Guarded by this.
    private Reason reason = Reason.NOTHING;
    private boolean isHandling;
    private long deadline;
    private Duration timeout = Duration.ZERO;
    private boolean isInterruptedByCancel;
    private boolean isCancelled;
    private boolean isStuck;
    private long interruptedAt;

    /// Why a handler was interrupted.
    enum Reason {
        /// It was not.
        NOTHING,
        /// The job is, or may be, somebody else's.
        LOST,
        /// It took too long.
        TIMED_OUT,
        /// Somebody cancelled the job.
        CANCELLED,
        /// The workers are closed.
        CLOSING
    }

    /// Of the job that the current thread does.
    Hold(String id, Duration length) {
        this.id = id;
        this.length = length.toNanos();
        this.validUntil = System.nanoTime() + this.length;
    }

    /// The handler begins.
    ///
    /// @param longest how long it may take
    /// @param isInterruptedByCancel whether it is interrupted when the job is cancelled
    synchronized void begin(Duration longest, boolean isInterruptedByCancel) {
        isHandling = true;
        timeout = longest;
        deadline = System.nanoTime() + longest.toNanos();
        this.isInterruptedByCancel = isInterruptedByCancel;
    }

    /// The handler has ended: nobody interrupts the thread any more.
    synchronized void end() {
        isHandling = false;
        // What comes now is not the handler's.
        Thread.interrupted();
    }

    synchronized Reason reason() {
        return reason;
    }

    synchronized Duration timeout() {
        return timeout;
    }

    boolean isLost() {
        return reason() == Reason.LOST;
    }

    /// The job was cancelled.
    synchronized void cancel() {
        isCancelled = true;
        if (isInterruptedByCancel) {
            interrupt(Reason.CANCELLED);
        }
    }

    synchronized boolean isCancelled() {
        return isCancelled;
    }

    synchronized boolean isHandling() {
        return isHandling;
    }

    /// Whether the handler goes on though it was interrupted because it took too long.
    synchronized boolean isStuck() {
        return isStuck && isHandling;
    }

    /// The thread and where it is, for a person.
    String whereItIs() {
        return thread.getName() + "\n" + Failures.frames(thread.getStackTrace());
    }

    /// Whether the lease is to be renewed.
    boolean isKept() {
        return !isLost();
    }

    /// Whether the job is surely its worker's.
    boolean isSure() {
        return System.nanoTime() - validUntil < 0;
    }

    /// Interrupts the handler if its time is over.
    void look(long now) {
        if (now - (validUntil - length / MARGIN) >= 0) {
            interrupt(Reason.LOST);
            return;
        }
        boolean late;
        boolean stuck;
        synchronized (this) {
            late = isHandling && now - deadline >= 0;
            boolean isTold = reason == Reason.TIMED_OUT || reason == Reason.CANCELLED;
            stuck = isHandling && isTold && now - interruptedAt >= length;
            isStuck |= stuck;
        }
        if (stuck) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    ("The handler of job %s goes on though it was interrupted, because it took"
                         + " longer than %s or its job was cancelled. The job is given to others;"
                         + " the permit stays taken until the handler ends. It is at: %s")
                            .formatted(id, timeout(), whereItIs()));
            interrupt(Reason.LOST);
        } else if (late) {
            interrupt(Reason.TIMED_OUT);
        }
    }

    /// The lease was to be renewed by a commit that was sent at `asked`.
    void renewed(Receipt receipt, long asked) {
        switch (receipt) {
            case Receipt.Committed _ -> validUntil = asked + length;
            case Receipt.Refused refused -> {
                if (refused.refusal() instanceof Refusal.StaleFence) {
                    interrupt(Reason.LOST);
                }
            }
        }
    }

    /// Losing it outweighs every other reason.
    synchronized void interrupt(Reason why) {
        boolean isNews = reason == Reason.NOTHING || (why == Reason.LOST && reason != why);
        if (isHandling && isNews) {
            reason = why;
            interruptedAt = System.nanoTime();
            thread.interrupt();
        }
    }
}
