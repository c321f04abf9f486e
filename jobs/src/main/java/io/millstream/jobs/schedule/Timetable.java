package io.millstream.jobs.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// When something is to run: a set of instants, mostly without an end, that can be asked for the
/// next one. Immutable; equal if they mean the same.
public sealed interface Timetable permits Cron, Every {
    /// Later than every run: nothing is due any more.
    Instant NEVER = Instant.MAX;

    /// How many runs a preview shows at most.
    int PREVIEW_RUNS_MAX = 1000;

    /// The first run after an instant, never at it. A later instant never has an earlier answer,
    /// and between an instant and its answer there is no run.
    ///
    /// @return [#NEVER] if there is none in the 100 years after it, or before the year 10000
    Instant next(Instant after);

    /// The first runs after an instant.
    ///
    /// @param count how many, from 0 to [#PREVIEW_RUNS_MAX]
    /// @return fewer only if there are fewer
    default List<Instant> preview(Instant from, int count) {
        if (count < 0 || count > PREVIEW_RUNS_MAX) {
            throw new IllegalArgumentException(
                    "A preview shows 0 to %d runs, not %d".formatted(PREVIEW_RUNS_MAX, count));
        }
        List<Instant> runs = new ArrayList<>();
        Instant run = from;
        while (runs.size() < count) {
            run = next(run);
            if (run.equals(NEVER)) {
                break;
            }
            runs.add(run);
        }
        return List.copyOf(runs);
    }

    /// The last run after one instant and not after another. Asks for some dozens of runs, however
    /// many lie between the two.
    default Optional<Instant> last(Instant after, Instant until) {
        // NEVER is to be after it, even if it is the end of time.
        Instant high = until.equals(NEVER) ? NEVER.minusNanos(1) : until;
        Instant low = next(after);
        if (low.isAfter(high)) {
            return Optional.empty();
        }
        // Halves what lies between a run that is early enough and an instant with no run from it to
        // the end, until the run has no successor.
        Instant following = next(low);
        while (!following.isAfter(high)) {
            Instant middle = following.plus(Duration.between(following, high).dividedBy(2));
            Instant run = next(middle);
            if (run.isAfter(high)) {
                high = middle;
                low = following;
            } else {
                low = run;
            }
            following = next(low);
        }
        return Optional.of(low);
    }
}
