package io.millstream.jobs;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// How long to wait before looking again at what cannot say that it has changed: briefly after
/// something was found, or somebody said that something may come, and then longer and longer.
///
/// One thread waits, any may wake it.
final class Pauses {
    /// The shortest pause.
    static final Duration LEAST = Duration.ofMillis(10);

    private static final double JITTER = 0.2;

    private final long most;
    private long next = LEAST.toNanos();
    private boolean isWoken;
    private boolean isEnded;

    /// @param most the longest pause, give or take a fifth
    Pauses(Duration most) {
        this.most = most.toNanos();
    }

    /// Something may have come, or come soon: ends a pause when the shortest has passed.
    synchronized void wake() {
        isWoken = true;
        notifyAll();
    }

    /// No pauses any more.
    synchronized void end() {
        isEnded = true;
        notifyAll();
    }

    /// Something was found.
    synchronized void shorten() {
        next = LEAST.toNanos();
    }

    /// Waits.
    synchronized void pause() throws InterruptedException {
        double share = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        long begun = System.nanoTime();
        long least = begun + Math.min(LEAST.toNanos(), most);
        long end = begun + (long) (next * share);
        while (!isEnded) {
            long left = (isWoken ? Math.min(least, end) : end) - System.nanoTime();
            if (left <= 0) {
                break;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        next = isWoken ? LEAST.toNanos() : Math.min(2 * next, most);
        isWoken = false;
    }
}
