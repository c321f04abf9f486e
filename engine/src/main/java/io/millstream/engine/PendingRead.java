package io.millstream.engine;

import io.millstream.api.Fetched;
import io.millstream.api.Pending;
import io.millstream.api.StoppedException;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A read that waits for records, or whose records are on their way. Unlike a take it holds
/// nothing, so whoever ends it first wins.
final class PendingRead implements Pending<Fetched> {
    private final EngineReader reader;
    private final Duration maxWait;
    private final long bytes;
    private final long askedNanos;
    private final CompletableFuture<Fetched> answer = new CompletableFuture<>();
    private int tries;

    // The loop's own.
    private boolean waiting;

    /// @param askedNanos when, by the monotonic clock
    PendingRead(EngineReader reader, long bytes, Duration maxWait, long askedNanos) {
        this.reader = reader;
        this.bytes = bytes;
        this.maxWait = maxWait;
        this.askedNanos = askedNanos;
    }

    @Override
    public CompletionStage<Fetched> stage() {
        return answer.minimalCompletionStage();
    }

    @Override
    public void cancel() {
        reader.cancel(this);
    }

    void answer(Fetched fetched) {
        reader.ended(this);
        answer.complete(fetched);
    }

    void fail(StoppedException why) {
        reader.ended(this);
        answer.completeExceptionally(why);
    }

    EngineReader reader() {
        return reader;
    }

    Duration maxWait() {
        return maxWait;
    }

    long bytes() {
        return bytes;
    }

    long askedNanos() {
        return askedNanos;
    }

    /// How often it has been tried, this time included.
    int nextTry() {
        return ++tries;
    }

    boolean isWaiting() {
        return waiting;
    }

    void waits() {
        waiting = true;
    }

    void waitsNoMore() {
        waiting = false;
    }
}
