package io.millstream.testkit.memory;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Calls back when time has passed that nobody moves by hand. Guarded by the backend's lock.
final class Ticker {

    private final @Nullable ScheduledExecutorService thread;
    private @Nullable ScheduledFuture<?> next;

    private Ticker(@Nullable ScheduledExecutorService thread) {
        this.thread = thread;
    }

    /// Never calls back.
    static Ticker none() {
        return new Ticker(null);
    }

    static Ticker thread() {
        var executor =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("millstream-memory-timer").factory());
        executor.setRemoveOnCancelPolicy(true);
        return new Ticker(executor);
    }

    /// Calls `wake` in so many nanoseconds instead of what was said before.
    void at(long nanos, Runnable wake) {
        if (thread == null || thread.isShutdown()) return;
        if (next != null) next.cancel(false);
        next = thread.schedule(wake, Math.max(nanos, 0), TimeUnit.NANOSECONDS);
    }

    void stop() {
        if (thread != null) thread.shutdownNow();
    }
}
