package io.millstream.server.demo;

import io.millstream.jobs.JobContext;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/// What the shop counts. From any thread.
final class Figures {
    /// More starts of one second than this are not looked at.
    private static final int STARTS_MAX = 100_000;

    private final LongAdder orders = new LongAdder();
    private final LongAdder jobs = new LongAdder();

    // Guarded by this.
    private final long[] startsMicros = new long[STARTS_MAX];
    private int starts;

    void ordered() {
        orders.increment();
    }

    /// A job begins: how long it has waited counts, unless it was tried before.
    void begins(JobContext context) {
        if (context.attempt() == 1) {
            Duration waited = Duration.between(context.submitted(), Instant.now());
            note(Math.max(0, waited.toNanos() / 1_000));
        }
    }

    private synchronized void note(long micros) {
        if (starts < STARTS_MAX) {
            startsMicros[starts++] = micros;
        }
    }

    void done() {
        jobs.increment();
    }

    long orders() {
        return orders.sum();
    }

    long jobs() {
        return jobs.sum();
    }

    /// The half of the jobs that began since this was asked last had waited no longer than this, in
    /// milliseconds; -1 if none began.
    synchronized double startMillis() {
        if (starts == 0) {
            return -1;
        }
        Arrays.sort(startsMicros, 0, starts);
        double millis = startsMicros[starts / 2] / 1_000.0;
        starts = 0;
        return millis;
    }
}
