package io.millstream.bench.jobs;

/// What is measured of everybody, in this order.
enum Measure {
    ONE("Enqueue one by one, one caller", "call"),
    MANY("Enqueue one by one, as many callers as workers", "call"),
    BULK("Enqueue 500 at a time, one caller", "call"),
    DRAIN("Done, of what waits already", ""),
    FLOW("Enqueue to done, one by one, as many callers as workers", ""),
    FLOW_BULK("Enqueue to done, 100 at a time, two callers", ""),
    HALF("Enqueue to start, at half the rate of one by one", "start");

    private final String words;
    private final String latency;

    /// @param latency what the times are of, or nothing if they mean nothing
    Measure(String words, String latency) {
        this.words = words;
        this.latency = latency;
    }

    boolean hasLatency() {
        return !latency.isEmpty();
    }

    /// Heading of a column of times.
    String latency(String quantile) {
        return latency + " " + quantile + " ms";
    }

    @Override
    public String toString() {
        return words;
    }
}
