package io.millstream.junit;

import io.millstream.api.MillstreamException;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// How long anything of a test's store is waited for by the clock on the wall, since its own may
/// stand still: a test that waits for what never comes has to fail, and say what did not come.
///
/// @param time more than zero
record Patience(Duration time) {
    /// Waits that a program would have, such as a long poll, end as it has asked for: with nothing,
    /// when they have really passed. Who asks for more than that waits until something comes.
    private static final Duration POLL_MAX = Duration.ofMinutes(1);

    /// No test waits for longer, whatever it says.
    private static final Duration TIME_MAX = Duration.ofDays(1);

    Patience {
        time = time.compareTo(TIME_MAX) > 0 ? TIME_MAX : time;
        if (!time.isPositive()) {
            throw new IllegalArgumentException(
                    "A store is waited for longer than %s; set patienceMillis of @MillstreamTest to"
                                    .formatted(time)
                            + " 1 or more");
        }
    }

    /// Whether a wait that nothing ends fails, and does not end with nothing.
    boolean isShorterThan(Duration wait) {
        return wait.compareTo(time) > 0 && wait.compareTo(POLL_MAX) > 0;
    }

    /// How much of a wait really passes.
    Duration of(Duration wait) {
        return isShorterThan(wait) ? time : wait;
    }

    /// The same answer, or a failure if it takes too long.
    ///
    /// @param what says what did not come, and why that may be
    <T> CompletableFuture<T> bound(CompletionStage<T> answer, Supplier<String> what) {
        CompletableFuture<T> bound = new CompletableFuture<>();
        CompletableFuture<Boolean> late =
                after(time, () -> bound.completeExceptionally(failure(what.get())));
        answer.whenComplete((value, failed) -> {
            late.cancel(false);
            if (failed != null) {
                bound.completeExceptionally(failed);
            } else {
                bound.complete(value);
            }
        });
        return bound;
    }

    MillstreamException failure(String what) {
        return new MillstreamException(
                "After %d ms of real time %s. If it only needs longer, set patienceMillis of"
                                .formatted(time.toMillis(), what)
                        + " @MillstreamTest.");
    }

    /// Does `what`, which blocks, and fails if that takes longer than this.
    ///
    /// @param hurry makes it end after all
    void during(Runnable what, Runnable hurry, Supplier<String> failed) {
        AtomicBoolean isLate = new AtomicBoolean();
        CompletableFuture<Boolean> late =
                after(
                        time,
                        () -> {
                            isLate.set(true);
                            hurry.run();
                        });
        try {
            what.run();
        } finally {
            late.cancel(false);
        }
        if (isLate.get()) {
            throw failure(failed.get());
        }
    }

    /// Runs `then` when `wait` has really passed, on a thread of its own, unless what it returns is
    /// cancelled before.
    static CompletableFuture<Boolean> after(Duration wait, Runnable then) {
        CompletableFuture<Boolean> passed = new CompletableFuture<>();
        CompletionStage<Boolean> late = passed;
        late.thenRunAsync(then, Thread::startVirtualThread);
        return passed.completeOnTimeout(true, wait.toNanos(), TimeUnit.NANOSECONDS);
    }
}
