package io.millstream.jobs;

import io.millstream.api.MillstreamException;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Cancels runs that later ones replace, beside those who fire schedules: to find a job takes time
/// where much waits. What does not succeed is tried again when the schedule is looked at again.
final class Replacing {
    private static final System.Logger LOGGER = System.getLogger(Scheduler.class.getName());

    private final Canceller canceller;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    Replacing(Canceller canceller) {
        this.canceller = canceller;
    }

    /// Has runs cancelled. Does not block. A run that is being cancelled already is left alone.
    ///
    /// @param runs the ids of their jobs
    void cancel(List<String> runs) {
        List<String> added = runs.stream().filter(underWay::add).toList();
        if (!added.isEmpty()) {
            Thread.ofVirtual().name("millstream-replacing").start(() -> added.forEach(this::one));
        }
    }

    private void one(String run) {
        try {
            canceller.cancel(run, null);
        } catch (MillstreamException refused) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "Run %s is to be replaced and could not be cancelled; it is tried again: %s"
                            .formatted(run, refused.getMessage()));
        } finally {
            underWay.remove(run);
        }
    }
}
