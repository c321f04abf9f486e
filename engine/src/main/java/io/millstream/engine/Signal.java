package io.millstream.engine;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Wakes one thread that waits for work. A signal given before the wait is not lost.
final class Signal {
    private final AtomicBoolean given = new AtomicBoolean();
    private volatile @Nullable Thread waiter;

    /// Wakes the waiter, now or when it next waits. Any thread; costs little when nobody waits.
    void give() {
        if (!given.get() && given.compareAndSet(false, true)) {
            Thread thread = waiter;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }
    }

    /// Waits for a signal, at most so long. One thread only.
    void await(long nanos) {
        waiter = Thread.currentThread();
        if (!given.get() && nanos > 0) {
            LockSupport.parkNanos(this, nanos);
        }
        waiter = null;
        given.set(false);
    }
}
