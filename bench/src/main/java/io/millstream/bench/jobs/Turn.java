package io.millstream.bench.jobs;

import java.util.EnumMap;
import java.util.Map;

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
    private final Map<Measure, Outcome> outcomes = new EnumMap<>(Measure.class);

    private Turn(Contender contender, int workers, double seconds) {
        this.contender = contender;
        this.workers = workers;
        this.seconds = seconds;
    }

    /// Measures everything.
    ///
    /// @param workers how many jobs at once
    /// @param seconds how long each measurement lasts
    static Map<Measure, Outcome> of(Contender contender, int workers, double seconds)
            throws Exception {
        Turn turn = new Turn(contender, workers, seconds);
        turn.warmUp();
        turn.enqueue();
        turn.flow();
        return turn.outcomes;
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
        outcomes.put(Measure.ONE, new Callers(contender, 1, 1).enqueue(seconds));
        contender.begin();
        outcomes.put(Measure.MANY, new Callers(contender, workers, 1).enqueue(seconds));
        contender.begin();
        Callers bulk = new Callers(contender, 1, BULK);
        outcomes.put(Measure.BULK, bulk.enqueue(seconds));
        outcomes.put(Measure.DRAIN, Callers.drain(contender, seconds, bulk.enqueued()));
        contender.stopWorkers();
    }

    private void flow() throws Exception {
        contender.begin();
        contender.startWorkers();
        Outcome flow = new Callers(contender, workers, 1).flow(seconds, OUTSTANDING, 0);
        outcomes.put(Measure.FLOW, flow);
        contender.begin();
        contender.startWorkers();
        Callers many = new Callers(contender, FLOW_BULK_CALLERS, FLOW_BULK);
        outcomes.put(Measure.FLOW_BULK, many.flow(seconds, OUTSTANDING, 0));
        contender.begin();
        contender.startWorkers();
        double half = Math.max(1, flow.perSecond() / 2);
        outcomes.put(Measure.HALF, new Callers(contender, workers, 1).open(seconds, half));
        contender.stopWorkers();
    }
}
