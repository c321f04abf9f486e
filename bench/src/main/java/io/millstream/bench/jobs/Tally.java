package io.millstream.bench.jobs;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

import java.util.concurrent.atomic.LongAdder;

/// What the handlers of this process have done. There is one tally, because some of the peers make
/// their handlers themselves and give them nothing but the job.
final class Tally {
    private static final int DIGITS = 3;
    private static final LongAdder DONE = new LongAdder();
    private static final Recorder STARTS = new Recorder(DIGITS);

    private Tally() {}

    /// All that any handler does.
    ///
    /// @param due when the job was to be enqueued
    static void handle(long due) {
        STARTS.recordValue(Math.max(0, System.nanoTime() - due) / 1000);
        DONE.increment();
    }

    /// How many jobs there were.
    static long done() {
        return DONE.sum();
    }

    /// How long after they were due they began, in microseconds, of those since it was last asked.
    static Histogram starts() {
        return STARTS.getIntervalHistogram();
    }
}
