package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// How dead jobs are sent back.
///
/// @param interval between the times at which one after another may begin; zero for all at once
/// @param most how many at most
/// @param queue where all of them go, or null for where each died
/// @param dryRun whether it is only said what would happen
public record Redrive(Duration interval, long most, @Nullable String queue, boolean dryRun) {

    /// All of them, at once, to where each died.
    public static final Redrive STANDARD = new Redrive(Duration.ZERO, Long.MAX_VALUE, null, false);

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /// Refuses to send back none.
    public Redrive {
        if (interval.isNegative() || most < 1) {
            throw new IllegalArgumentException(
                    "A redrive sends back 1 or more jobs, zero or more time apart, not %d, %s"
                            .formatted(most, interval));
        }
    }

    /// At most so many begin in each second: the first at once, the others later, however long this
    /// program lives.
    public Redrive perSecond(double jobs) {
        if (!(jobs > 0)) {
            throw new IllegalArgumentException("A rate is more than 0 jobs a second, not " + jobs);
        }
        Duration apart = Duration.ofNanos((long) Math.ceil(NANOS_PER_SECOND / jobs));
        return new Redrive(apart, most, queue, dryRun);
    }

    /// No more than so many: those that died first.
    public Redrive most(long jobs) {
        return new Redrive(interval, jobs, queue, dryRun);
    }

    /// To this queue, wherever they died.
    public Redrive to(String queue) {
        return new Redrive(interval, most, queue, dryRun);
    }

    /// Nothing happens: it is only said what would.
    public Redrive dry() {
        return new Redrive(interval, most, queue, true);
    }

    /// When the next one may begin, after so many.
    Duration delay(long before) {
        return interval.multipliedBy(before);
    }
}
