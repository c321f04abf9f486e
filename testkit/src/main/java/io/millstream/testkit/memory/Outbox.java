package io.millstream.testkit.memory;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// Callbacks in the order in which they were decided, run one at a time outside the lock.
///
/// Filled under the lock. Whoever empties it may find itself running what another thread has
/// decided; a callback that calls the backend again leaves its consequences to the loop that called
/// it.
final class Outbox {

    private final Queue<Runnable> callbacks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean busy = new AtomicBoolean();

    void add(Runnable callback) {
        callbacks.add(callback);
    }

    void empty() {
        // Asked again after letting go: a callback may have been added between the last look and
        // that.
        while (!callbacks.isEmpty() && busy.compareAndSet(false, true)) {
            try {
                for (Runnable next = callbacks.poll(); next != null; next = callbacks.poll()) {
                    run(next);
                }
            } finally {
                busy.set(false);
            }
        }
    }

    /// A callback that fails is reported like any other uncaught exception and stops nobody else's.
    private static void run(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }
}
