package io.millstream.bench.jobs;

import java.util.function.BiConsumer;

/// All that is measured of one contender in one round.
final class Turn {
    /// How many jobs are on their way at most. One that only looks for work each five seconds needs
    /// so many to have enough of them.
    static final int OUTSTANDING = 10_000;

    static final int BULK = 500;
    static final int FLOW_BULK = 100;
    private static final int FLOW_BULK_CALLERS = 2;
    private static final double WARM_UP_SECONDS = 15;

    private final Contender contender;
    private final int workers;
    private final double seconds;
    private final BiConsumer<Measure, Outcome> outcomes;

    private Turn(
            Contender contender,
            int workers,
            double seconds,
            BiConsumer<Measure, Outcome> outcomes) {
        this.contender = contender;
        this.workers = workers;
        this.seconds = seconds;
        this.outcomes = outcomes;
    }

    /// Measures everything.
    ///
    /// @param workers how many jobs at once
    /// @param seconds how long each measurement lasts
    /// @param outcomes is told of each as soon as it is there
    static void of(
            Contender contender, int workers, double seconds, BiConsumer<Measure, Outcome> outcomes)
            throws Exception {
        Turn turn = new Turn(contender, workers, seconds, outcomes);
        turn.warmUp();
        turn.enqueue();
        turn.flow();
    }

    private void warmUp() throws Exception {
        double warmUp = Math.min(WARM_UP_SECONDS, 2 * seconds);
        contender.begin();
        var _ = new Callers(contender, 1, BULK).enqueue(warmUp / 5);
        contender.begin();
        contender.startWorkers();
        var _ = new Callers(contender, workers, 1).flow(warmUp, OUTSTANDING, 0);
        contender.stopWorkers();
    }

    private void enqueue() throws Exception {
        contender.begin();
        outcomes.accept(Measure.ONE, new Callers(contender, 1, 1).enqueue(seconds));
        contender.begin();
        outcomes.accept(Measure.MANY, new Callers(contender, workers, 1).enqueue(seconds));
        contender.begin();
        Callers bulk = new Callers(contender, 1, BULK);
        outcomes.accept(Measure.BULK, bulk.enqueue(seconds));
        outcomes.accept(Measure.DRAIN, Callers.drain(contender, seconds, bulk.enqueued()));
        contender.stopWorkers();
    }

    private void flow() throws Exception {
        contender.begin();
        contender.startWorkers();
        Outcome flow = new Callers(contender, workers, 1).flow(seconds, OUTSTANDING, 0);
        outcomes.accept(Measure.FLOW, flow);
        contender.begin();
        contender.startWorkers();
        Callers many = new Callers(contender, FLOW_BULK_CALLERS, FLOW_BULK);
        outcomes.accept(Measure.FLOW_BULK, many.flow(seconds, OUTSTANDING, 0));
        contender.begin();
        contender.startWorkers();
        double half = Math.max(1, flow.perSecond() / 2);
        outcomes.accept(Measure.HALF, new Callers(contender, workers, 1).open(seconds, half));
        contender.stopWorkers();
    }
}
