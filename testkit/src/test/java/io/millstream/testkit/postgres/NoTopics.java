package io.millstream.testkit.postgres;

import io.millstream.api.Feature;
import io.millstream.api.Fetched;
import io.millstream.api.Pending;
import io.millstream.api.TopicReader;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The reader of topics that there are none of.
///
/// @param backend whose clock says when
record NoTopics(PostgresBackend backend) implements TopicReader {

    @Override
    public Pending<Fetched> next(int messages, long bytes, Duration wait) {
        CompletableFuture<Fetched> future = new CompletableFuture<>();
        backend.pump()
                .lookOrElse(
                        tx -> new Fetched.Refused(tx.wall(), Lacks.refusal(Feature.TOPICS)),
                        future::complete,
                        future::completeExceptionally);
        return new Pending<>() {
            @Override
            public CompletionStage<Fetched> stage() {
                return future.minimalCompletionStage();
            }

            @Override
            public void cancel() {
                // It does not wait.
            }
        };
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
