package io.millstream.bench.jobs;

import org.HdrHistogram.Histogram;

/// What came of one measurement.
///
/// @param perSecond how many jobs
/// @param micros how long each took; what that is depends on what was measured
/// @param jobs how many there were in all
/// @param processorSeconds how long processors worked for all that took part
/// @param disturbance how many processors worked for others, or were withheld by the host
record Outcome(
        double perSecond,
        Histogram micros,
        long jobs,
        double processorSeconds,
        double disturbance) {

    /// The same where the rate was given, and not what was measured.
    Outcome at(double rate) {
        return new Outcome(rate, micros, jobs, processorSeconds, disturbance);
    }

    double processorMicros() {
        return processorSeconds * 1e6 / Math.max(1, jobs);
    }
}
