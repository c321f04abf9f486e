package io.millstream.jobs;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// How many jobs workers do at once, between two bounds: more while more wait than they do, fewer
/// when most of them have had nothing to do for a while.
///
/// One thread asks for jobs, any number of threads does them.
final class Places {
    /// They grow by half, no more often than that.
    static final Duration GROWS = Duration.ofMillis(500);

    /// They shrink by half after so long in which half of them were enough.
    static final Duration SHRINKS = Duration.ofSeconds(5);

    private final LongSupplier nanos;
    private Bounds bounds;
    private int size;
    private int busy;

    /// Whether the last request got all that it asked for.
    private boolean moreWait;

    /// The most that were busy at once since when it was last looked.
    private int peak;

    private long lookedAt;
    private long grownAt;

    /// @param least how many jobs at once, 1 or more, while there is little to do
    /// @param most how many at most
    record Bounds(int least, int most) {
        Bounds {
            if (least < 1 || most < least) {
                throw new IllegalArgumentException(
                        "Workers do 1 or more jobs at once, not %s"
                                .formatted(least == most ? least : least + " to " + most));
            }
        }

        boolean isFixed() {
            return least == most;
        }
    }

    /// @param nanos a clock that never goes back
    Places(Bounds bounds, LongSupplier nanos) {
        this.nanos = nanos;
        this.bounds = bounds;
        this.size = bounds.least();
        this.lookedAt = now();
        this.grownAt = lookedAt - GROWS.toNanos();
    }

    /// How many there are now.
    synchronized int size() {
        return size;
    }

    /// Whether their number is left to them.
    synchronized boolean areAutomatic() {
        return !bounds.isFixed();
    }

    /// Waits until a place is free.
    ///
    /// @return how many are, `most` at most
    synchronized int awaitFree(int most) throws InterruptedException {
        while (busy >= size) {
            if (!moreWait || size >= bounds.most()) {
                wait();
            } else if (!grow()) {
                TimeUnit.NANOSECONDS.timedWait(this, grownAt + GROWS.toNanos() - now());
            }
        }
        return Math.min(most, size - busy);
    }

    /// How many there may be.
    synchronized int most() {
        return bounds.most();
    }

    /// How many are free now.
    synchronized int free() {
        return Math.max(0, size - busy);
    }

    private long now() {
        return nanos.getAsLong();
    }

    /// @return whether it was time to
    private boolean grow() {
        if (now() - grownAt < GROWS.toNanos()) {
            return false;
        }
        size = Math.min(bounds.most(), size + Math.max(1, size / 2));
        grownAt = now();
        return true;
    }

    /// A job takes a place.
    synchronized void begin() {
        busy++;
        peak = Math.max(peak, busy);
    }

    /// A job leaves its place.
    synchronized void end() {
        busy--;
        notifyAll();
    }

    /// How a request for jobs ended.
    ///
    /// @param asked how many were asked for
    /// @param got how many there were
    synchronized void answered(int asked, int got) {
        moreWait = got >= asked;
        if (now() - lookedAt >= SHRINKS.toNanos()) {
            if (peak <= size / 2) {
                size = Math.max(bounds.least(), size / 2);
            }
            peak = busy;
            lookedAt = now();
        }
    }

    /// What is being done goes on, even if there are fewer places from now on.
    synchronized void resize(Bounds other) {
        bounds = other;
        size = Math.clamp(size, other.least(), other.most());
        notifyAll();
    }

    /// Waits until nothing is done any more, or for so long.
    synchronized void awaitIdle(Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        for (long left = longest.toNanos(); busy > 0 && left > 0; ) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = deadline - System.nanoTime();
        }
    }
}
