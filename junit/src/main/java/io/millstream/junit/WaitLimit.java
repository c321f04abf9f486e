package io.millstream.junit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// Ends a wait for messages by the clock on the wall: calls it off when it has really passed, and
/// gives it up if even that is not answered.
final class WaitLimit {
    private final Patience patience;
    private final Duration wait;
    private final Runnable callOff;
    private final Runnable giveUp;
    private @Nullable CompletableFuture<Boolean> timer;
    private boolean isOver;
    private boolean isEnded;

    WaitLimit(Patience patience, Duration wait, Runnable callOff, Runnable giveUp) {
        this.patience = patience;
        this.wait = wait;
        this.callOff = callOff;
        this.giveUp = giveUp;
    }

    synchronized void begin() {
        if (!isEnded) {
            timer =
                    wait.isPositive()
                            ? Patience.after(patience.of(wait), this::over)
                            : Patience.after(patience.time(), giveUp);
        }
    }

    private void over() {
        synchronized (this) {
            if (isEnded) {
                return;
            }
            isOver = true;
            timer = Patience.after(patience.time(), giveUp);
        }
        callOff.run();
    }

    /// The wait has been answered.
    synchronized void end() {
        isEnded = true;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /// Whether nothing came though its asker did not mean to do without it.
    synchronized boolean isInVain() {
        return isOver && patience.isShorterThan(wait);
    }
}
