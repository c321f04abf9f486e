package io.millstream.bench.sqs;

import io.millstream.bench.Figures;

import org.HdrHistogram.Histogram;

/// What came of one round: how long each request took, in microseconds, and how many there were.
final class Outcome {
    private final Histogram micros = Figures.latencies();
    private double seconds;
    private double peerSeconds;
    private double disturbance;

    void answered(long tookMicros) {
        micros.recordValue(tookMicros);
    }

    void lasted(double roundSeconds) {
        seconds += roundSeconds;
    }

    /// What the round cost, its beginning and end included, and what others did meanwhile, in
    /// seconds of processors; and how long all that lasted.
    void cost(double peer, double others, double wallSeconds) {
        peerSeconds += peer;
        disturbance = Math.max(0, others) / wallSeconds;
    }

    /// How much processor time the peer took for a request.
    double processorMicros() {
        return peerSeconds * 1e6 / Math.max(1, requests());
    }

    /// How many processors worked neither for the peer nor for the generator.
    double disturbance() {
        return disturbance;
    }

    long requests() {
        return micros.getTotalCount();
    }

    double perSecond() {
        return requests() / seconds;
    }

    double quantile(double percentile) {
        return Figures.at(micros, percentile);
    }
}
