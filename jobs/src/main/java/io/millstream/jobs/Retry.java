package io.millstream.jobs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// What happens to a job of which an attempt failed: when it is tried again, and when no more.
///
/// Waits grow by a factor up to the longest one, and each is drawn at random from nothing to that:
/// jobs that failed together do not come back together. Immutable.
public final class Retry {
    private static final int ATTEMPTS = 10;
    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final double FACTOR = 2;
    private static final Duration MOST = Duration.ofHours(1);

    private final int attempts;
    private final Duration first;
    private final double factor;
    private final Duration most;
    private final boolean jitter;
    private final List<Rule<?>> rules;

    /// What to do about one failure.
    public sealed interface Decision {

        /// Try again as the policy says.
        record AsUsual() implements Decision {
            /// The only value.
            public static final AsUsual AS_USUAL = new AsUsual();
        }

        /// Try again after this time, if attempts are left.
        ///
        /// @param delay zero or more
        record After(Duration delay) implements Decision {}

        /// Do not try again.
        record Stop() implements Decision {
            /// The only value.
            public static final Stop STOP = new Stop();
        }
    }

    private record Rule<E extends Throwable>(
            Class<E> failure, Function<? super E, ? extends Decision> decision) {
        boolean covers(Throwable thrown) {
            return failure.isInstance(thrown);
        }

        Decision decide(Throwable thrown) {
            return decision.apply(failure.cast(thrown));
        }
    }

    private Retry(
            int attempts,
            Duration first,
            double factor,
            Duration most,
            boolean jitter,
            List<Rule<?>> rules) {
        if (attempts < 1) {
            throw new IllegalArgumentException("A job has 1 or more attempts, not " + attempts);
        }
        if (first.isNegative() || most.compareTo(first) < 0 || !(factor >= 1)) {
            throw new IllegalArgumentException(
                    "Waits begin with zero or more, grow by 1 or more, and the longest is no"
                            + " shorter than the first; not %s, %s, %s"
                                    .formatted(first, factor, most));
        }
        this.attempts = attempts;
        this.first = first;
        this.factor = factor;
        this.most = most;
        this.jitter = jitter;
        this.rules = List.copyOf(rules);
    }

    /// Ten attempts; waits of up to 2 seconds, 4, 8 and so on to an hour.
    public static Retry exponential() {
        return new Retry(ATTEMPTS, FIRST, FACTOR, MOST, true, List.of());
    }

    /// One attempt.
    public static Retry never() {
        return exponential().attempts(1);
    }

    /// So many attempts in all, the first one included.
    public Retry attempts(int attempts) {
        return new Retry(attempts, first, factor, most, jitter, rules);
    }

    /// The longest wait after the first failure.
    public Retry first(Duration first) {
        return new Retry(
                attempts, first, factor, most.compareTo(first) < 0 ? first : most, jitter, rules);
    }

    /// By how much waits grow with each failure.
    public Retry factor(double factor) {
        return new Retry(attempts, first, factor, most, jitter, rules);
    }

    /// The longest wait.
    public Retry most(Duration most) {
        return new Retry(
                attempts, first.compareTo(most) > 0 ? most : first, factor, most, jitter, rules);
    }

    /// Waits exactly as long as the waits are long, not for a random part of it.
    public Retry withoutJitter() {
        return new Retry(attempts, first, factor, most, false, rules);
    }

    /// Does not try again what failed by this.
    public <E extends Throwable> Retry stopOn(Class<E> failure) {
        return on(failure, _ -> Decision.Stop.STOP);
    }

    /// Decides about what failed by this. The first rule that covers a failure decides.
    public <E extends Throwable> Retry on(
            Class<E> failure, Function<? super E, ? extends Decision> decision) {
        List<Rule<?>> more = new ArrayList<>(rules);
        more.add(new Rule<>(failure, decision));
        return new Retry(attempts, first, factor, most, jitter, more);
    }

    /// How many attempts a job has.
    public int attempts() {
        return attempts;
    }

    /// What to do about the failure of an attempt: [Decision.After] or [Decision.Stop].
    ///
    /// @param attempt which one failed, 1 or more
    Decision decide(Throwable failure, int attempt, RandomGenerator random) {
        if (attempt >= attempts) {
            return Decision.Stop.STOP;
        }
        Decision decision =
                rules.stream()
                        .filter(rule -> rule.covers(failure))
                        .findFirst()
                        .<Decision>map(rule -> rule.decide(failure))
                        .orElse(Decision.AsUsual.AS_USUAL);
        return decision instanceof Decision.AsUsual ? decide(attempt, random) : decision;
    }

    /// Whether a rule says not to try again what failed by this.
    boolean stopsOn(Throwable failure) {
        return rules.stream()
                .filter(rule -> rule.covers(failure))
                .findFirst()
                .map(rule -> rule.decide(failure) instanceof Decision.Stop)
                .orElse(false);
    }

    /// What to do about a failure that no rule covers.
    Decision decide(int attempt, RandomGenerator random) {
        return attempt >= attempts
                ? Decision.Stop.STOP
                : new Decision.After(waitAfter(attempt, random));
    }

    private Duration waitAfter(int attempt, RandomGenerator random) {
        double longest = first.toMillis() * Math.pow(factor, attempt - 1.0);
        long millis = (long) Math.min(longest, (double) most.toMillis());
        return Duration.ofMillis(jitter ? random.nextLong(millis + 1) : millis);
    }
}
