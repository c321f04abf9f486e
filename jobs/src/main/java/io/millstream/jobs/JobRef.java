package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A job that was submitted.
///
/// @param <R> what it returns
public final class JobRef<R> {
    private final Accepted accepted;
    private final String id;
    private final Class<R> result;
    private final Results results;
    private final Canceller canceller;

    JobRef(Accepted accepted, Class<R> result, Results results, Canceller canceller) {
        this.accepted = accepted;
        this.id = accepted.id();
        this.canceller = canceller;
        this.result = result;
        this.results = results;
    }

    /// Its id: unique, and all that another process needs to ask for it, see [Jobs#ref].
    public String id() {
        return id;
    }

    /// Whether what was submitted was taken for a job that was there already, see [Unique]: this is
    /// that one. What it returns is kept if it was to be when the first one was submitted.
    public boolean isDuplicate() {
        return accepted.isDuplicate();
    }

    /// Completes with what the job returns, null if that is nothing, and exceptionally with a
    /// [JobFailedException] if it ends otherwise. It never completes if the job's result is not
    /// kept any more, or was never asked to be: see [JobOptions.Builder#awaited].
    ///
    /// Costs one entry of memory until it completes; cancel it to give that back.
    public CompletableFuture<@Nullable R> future() {
        return results.await(id).thenApply(this::resultOf);
    }

    /// Waits at most `wait` for what the job returns. Blocks; made for virtual threads.
    ///
    /// @return null if it returns nothing
    /// @throws JobFailedException if it ended otherwise
    /// @throws JobNotEndedException if it did not end in time, or the thread was interrupted
    public @Nullable R await(Duration wait) {
        CompletableFuture<Ending> ending = results.await(id);
        try {
            return resultOf(ending.get(wait.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException _) {
            ending.cancel(false);
            throw new JobNotEndedException(id, wait);
        } catch (InterruptedException _) {
            ending.cancel(false);
            Thread.currentThread().interrupt();
            throw new JobNotEndedException(id, wait);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException known
                    ? known
                    : new IllegalStateException(failed.getCause());
        }
    }

    /// Cancels the job, wherever it is; see [Jobs#cancel]. Blocks until that is on disk.
    public Cancellation cancel() {
        return canceller.cancel(id, accepted.place());
    }

    private @Nullable R resultOf(Ending ending) {
        if (ending.state() != JobState.DONE) {
            throw new JobFailedException(id, ending.state(), ending.reason());
        }
        if (ending.result() == null) {
            return null;
        }
        try {
            return Json.read(ending.result(), result);
        } catch (Json.Unreadable unfit) {
            throw new JobFailedException(id, JobState.DONE, String.valueOf(unfit.getMessage()));
        }
    }

    @Override
    public String toString() {
        return "job " + id;
    }
}
