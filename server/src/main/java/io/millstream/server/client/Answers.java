package io.millstream.server.client;

import io.millstream.api.MillstreamException;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/// Waiting for what the store answers.
final class Answers {
    private Answers() {}

    /// Blocks. A server that is gone is noticed by the connection, which fails what was asked.
    static <T> T of(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof MillstreamException known) {
                throw known;
            }
            throw failed;
        }
    }
}
