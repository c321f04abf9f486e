package io.millstream.jobs.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which of the runs that are due by now are still to be made, when nobody was there to make them
/// in time. Each policy says how late a run may start; those that are later are never made.
public sealed interface Misfire {
    /// How many runs are made at once at most.
    int RUNS_MAX = 1000;

    /// How late a run may start by [#skip()], which is not to be stopped by a slow machine.
    Duration SKIP_LATE = Duration.ofMinutes(1);

    /// Any time.
    Duration EVER = Duration.ofSeconds(Long.MAX_VALUE);

    /// How late a run may start: zero or more, exactly as late is early enough.
    Duration late();

    /// Makes those that are not too late, and no others: what was missed is not made up for.
    ///
    /// @param late see [#late()]
    record Skip(Duration late) implements Misfire {
        /// Checks it.
        public Skip {
            check(late);
        }
    }

    /// Makes the last one for all that are due, be they in time or not.
    ///
    /// @param late see [#late()]
    record Last(Duration late) implements Misfire {
        /// Checks it.
        public Last {
            check(late);
        }
    }

    /// Makes all that are due, but of very many only the last.
    ///
    /// @param most how many, from 1 to [#RUNS_MAX]
    /// @param late see [#late()]
    record All(int most, Duration late) implements Misfire {
        /// Checks both.
        public All {
            if (most < 1 || most > RUNS_MAX) {
                throw new IllegalArgumentException(
                        "1 to %d runs are made at once, not %d".formatted(RUNS_MAX, most));
            }
            check(late);
        }
    }

    /// [Skip], with [#SKIP_LATE].
    static Misfire skip() {
        return new Skip(SKIP_LATE);
    }

    /// [Last], however late it is.
    static Misfire last() {
        return new Last(EVER);
    }

    /// [All], however late they are.
    ///
    /// @param most how many, from 1 to [#RUNS_MAX]
    static Misfire all(int most) {
        return new All(most, EVER);
    }

    /// As this one, but with another [#late()].
    default Misfire within(Duration late) {
        return switch (this) {
            case Skip _ -> new Skip(late);
            case Last _ -> new Last(late);
            case All all -> new All(all.most, late);
        };
    }

    /// The runs to make, the earliest first. Whoever has made them asks again with the last of them
    /// as `fired`; what was left out now stays out, as long as the clock is not put back.
    ///
    /// @param fired the last run that was made, or when the timetable was made, if there is none
    /// @param now if it is before `fired`, nothing is due
    /// @return at most [#RUNS_MAX]
    default List<Instant> due(Timetable timetable, Instant fired, Instant now) {
        Instant after = latest(fired, tooLate(now));
        return switch (this) {
            case Skip _ -> newest(timetable, after, now, RUNS_MAX);
            case Last _ -> newest(timetable, after, now, 1);
            case All all -> newest(timetable, after, now, all.most);
        };
    }

    /// The last instant that is too late.
    private Instant tooLate(Instant now) {
        Duration past = Duration.between(Instant.MIN, now);
        return late().compareTo(past) >= 0 ? Instant.MIN : now.minus(late()).minusNanos(1);
    }

    private static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static List<Instant> newest(
            Timetable timetable, Instant after, Instant until, int most) {
        List<Instant> runs = new ArrayList<>();
        Instant end = until;
        while (runs.size() < most) {
            Optional<Instant> run = timetable.last(after, end);
            if (run.isEmpty()) {
                break;
            }
            runs.add(run.get());
            end = run.get().minusNanos(1);
        }
        return List.copyOf(runs.reversed());
    }

    private static void check(Duration late) {
        if (late.isNegative()) {
            throw new IllegalArgumentException(
                    "How late a run may start is zero or more, not " + late);
        }
    }
}
