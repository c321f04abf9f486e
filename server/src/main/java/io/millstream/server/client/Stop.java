package io.millstream.server.client;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/// That somebody asks a command to stop, for commands that hold or await something. Others end with
/// their process, at once.
///
/// Safe for threads.
final class Stop {
    private static final long CLEAN_SECONDS_MAX = 5;

    private final Consumer<IntSupplier> onStopSignal;
    private final CountDownLatch ended = new CountDownLatch(1);

    // Guarded by this.
    private boolean isRegistered;
    private boolean isAsked;
    private @Nullable Runnable cancel;
    private int status = Status.FAILED;

    Stop(Consumer<IntSupplier> onStopSignal) {
        this.onStopSignal = onStopSignal;
    }

    /// From now on a stop calls this and waits for the command's end, a moment. At once if it was
    /// asked for already.
    void calls(Runnable cancel) {
        boolean isFirst;
        boolean isLate;
        synchronized (this) {
            isFirst = !isRegistered;
            isRegistered = true;
            isLate = isAsked;
            this.cancel = cancel;
        }
        if (isFirst) {
            onStopSignal.accept(this::stop);
        }
        if (isLate) {
            cancel.run();
        }
    }

    synchronized boolean isAsked() {
        return isAsked;
    }

    /// The command is about to end.
    ///
    /// @return the status to end with
    synchronized int ending(int with) {
        boolean isGood = with != Status.FAILED && with != Status.SLIP;
        status = isAsked && isGood ? Status.STOPPED : with;
        return status;
    }

    /// The command has ended, and let go of all that it held.
    void ended() {
        ended.countDown();
    }

    /// On the thread of the signal; also when the process ends by itself.
    private int stop() {
        @Nullable Runnable now;
        synchronized (this) {
            isAsked = ended.getCount() > 0;
            if (isAsked) {
                status = Status.STOPPED;
            }
            now = cancel;
        }
        if (now != null && ended.getCount() > 0) {
            now.run();
        }
        try {
            var _ = ended.await(CLEAN_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            return status;
        }
    }
}
