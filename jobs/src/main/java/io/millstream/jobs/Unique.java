package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// When a job that is submitted is taken for one that is there already: for one of the same type
/// with the same key. It is not submitted then, and who submits it gets the [JobRef] of the first
/// one.
///
/// One commit decides, together with the put of the job: of many who submit at once one is first,
/// whatever dies meanwhile. A key is free again in the commit that ends what holds it, however that
/// ends: done, discarded, dead, expired or cancelled. If the message was removed behind the jobs'
/// back, by a purge, the workers notice within half an hour.
///
/// Unique says which jobs are submitted, not how many run at once: for that, limit them.
///
/// @param scope for how long a job keeps others out
/// @param key by which it is compared, or null for what [JobType#uniqueBy] says, and without that
///   for all that it is given
public record Unique(Scope scope, @Nullable String key) {
    private static final Duration LONGEST = Duration.ofDays(3660);

    /// For how long a job keeps others out.
    public sealed interface Scope {

        /// Until a worker begins with it.
        record UntilStarted() implements Scope {}

        /// Until it has ended.
        record UntilDone() implements Scope {}

        /// For this long from when it was submitted, whether or not it has ended.
        ///
        /// @param time more than zero, ten years at most
        record Within(Duration time) implements Scope {
            /// Refuses no time.
            public Within {
                check(time);
            }
        }

        /// It is put off by `quiet`; whoever submits it again meanwhile replaces what it is given
        /// and how it is to be done, and puts it off again, until `most` after the first one.
        ///
        /// @param quiet how long nobody must have submitted it
        /// @param most how long it can be put off in all, `quiet` or longer
        record Debounced(Duration quiet, Duration most) implements Scope {
            /// Refuses what would never begin.
            public Debounced {
                check(quiet);
                check(most);
                if (most.compareTo(quiet) < 0) {
                    throw new IllegalArgumentException(
                            "A job is put off by %s at most, which is shorter than %s"
                                    .formatted(most, quiet));
                }
            }
        }
    }

    private static void check(Duration time) {
        if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "A time that jobs are unique for is longer than zero and at most %s, not %s"
                            .formatted(LONGEST, time));
        }
    }

    /// One at a time waits; what changes while it is being done needs another one.
    public static Unique untilStarted() {
        return new Unique(new Scope.UntilStarted(), null);
    }

    /// One at a time waits or is being done.
    public static Unique untilDone() {
        return new Unique(new Scope.UntilDone(), null);
    }

    /// One in this time, from when it was submitted.
    public static Unique within(Duration time) {
        return new Unique(new Scope.Within(time), null);
    }

    /// The last one wins, once nobody has submitted it for `quiet`, and `most` after the first one
    /// in any case.
    public static Unique debounced(Duration quiet, Duration most) {
        return new Unique(new Scope.Debounced(quiet, most), null);
    }

    /// The same by this key.
    public Unique by(String key) {
        return new Unique(scope, key);
    }
}
