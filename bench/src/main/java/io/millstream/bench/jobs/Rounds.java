package io.millstream.bench.jobs;

import io.millstream.bench.Figures;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// The same measurement in several rounds; its figures are their medians.
final class Rounds {
    private final List<Outcome> outcomes = new ArrayList<>();

    void add(Outcome outcome) {
        outcomes.add(outcome);
    }

    double perSecond() {
        return median(Outcome::perSecond);
    }

    double quantile(double percentile) {
        return median(outcome -> Figures.at(outcome.micros(), percentile));
    }

    double processorMicros() {
        return median(Outcome::processorMicros);
    }

    double disturbance() {
        return median(Outcome::disturbance);
    }

    private double median(ToDoubleFunction<Outcome> figure) {
        double[] sorted = outcomes.stream().mapToDouble(figure).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }
}
