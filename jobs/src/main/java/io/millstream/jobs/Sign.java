package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

/// What an attempt says about what its job depends on. One thread uses it.
final class Sign {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final int WHY_CHARS_MAX = 200;

    private @Nullable JobOutcome<?> outcome;
    private @Nullable Throwable thrown;

    /// Its handler ended.
    void returned(JobOutcome<?> with) {
        outcome = with;
    }

    /// Its handler failed.
    void threw(Throwable failure) {
        thrown = failure;
    }

    /// @param retry of its type
    Circuit.Verdict verdict(Downstream downstream, Retry retry, Hold hold) {
        return switch (hold.reason()) {
            case LOST, CANCELLED, CLOSING -> Circuit.Verdict.NOTHING;
            case TIMED_OUT, NOTHING -> {
                Throwable failure = failure(hold);
                if (failure == null) {
                    yield of(outcome, downstream);
                }
                yield !hold.isCancelled() && isFailure(failure, downstream, retry)
                        ? Circuit.Verdict.FAILED
                        : Circuit.Verdict.NOTHING;
            }
        };
    }

    private @Nullable Throwable failure(Hold hold) {
        return thrown != null && hold.reason() == Hold.Reason.TIMED_OUT
                ? new TimedOutException(hold.timeout(), thrown)
                : thrown;
    }

    private static Circuit.Verdict of(@Nullable JobOutcome<?> outcome, Downstream downstream) {
        return switch (outcome) {
            case JobOutcome.Done<?> _ -> Circuit.Verdict.WELL;
            // Who says which exceptions count has none here.
            case JobOutcome.Failed<?> _, JobOutcome.Again<?> _ ->
                    downstream.fails() == null ? Circuit.Verdict.FAILED : Circuit.Verdict.NOTHING;
            case JobOutcome.Snooze<?> _, JobOutcome.Dead<?> _, JobOutcome.Discarded<?> _ ->
                    Circuit.Verdict.NOTHING;
            case null -> Circuit.Verdict.NOTHING;
        };
    }

    private static boolean isFailure(Throwable failure, Downstream downstream, Retry retry) {
        var fails = downstream.fails();
        if (fails == null) {
            return !retry.stopsOn(failure);
        }
        try {
            return fails.test(failure);
        } catch (RuntimeException wrong) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "Whether %s is a failure of %s cannot be said, and it is taken for one: %s"
                            .formatted(failure, downstream.name(), wrong));
            return true;
        }
    }

    /// Why it failed, in words.
    String why(Hold hold) {
        Throwable failure = failure(hold);
        if (failure != null) {
            return Failures.cut(failure.toString(), WHY_CHARS_MAX);
        }
        return switch (outcome) {
            case JobOutcome.Failed<?> failed -> Failures.cut(failed.reason(), WHY_CHARS_MAX);
            case JobOutcome.Again<?> again -> Failures.cut(again.reason(), WHY_CHARS_MAX);
            case JobOutcome.Done<?> _,
                    JobOutcome.Snooze<?> _,
                    JobOutcome.Dead<?> _,
                    JobOutcome.Discarded<?> _ ->
                    "";
            case null -> "";
        };
    }
}
