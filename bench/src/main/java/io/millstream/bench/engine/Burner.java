package io.millstream.bench.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Keeps processors as busy as a measured program kept them, with nothing but computing: so that
/// what the machine does to a busy program can be told from what the program does to itself.
final class Burner implements AutoCloseable {
    private static final long PERIOD_NANOS = 1_000_000L;

    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    /// Starts computing on `cores` processors, of which the last may be a fraction.
    Burner(double cores) {
        int count = (int) Math.ceil(cores);
        long busyNanos = count == 0 ? 0 : (long) (cores / count * PERIOD_NANOS);
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofPlatform().name("burner").daemon().start(() -> burn(busyNanos)));
        }
    }

    private void burn(long busyNanos) {
        long period = System.nanoTime();
        while (!ended) {
            while (System.nanoTime() - period < busyNanos) {
                Thread.onSpinWait();
            }
            // After a stall it does not catch up: the program that it stands for would not either.
            period = Math.max(period + PERIOD_NANOS, System.nanoTime() - PERIOD_NANOS);
            LockSupport.parkNanos(period - System.nanoTime());
        }
    }

    @Override
    public void close() {
        ended = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
