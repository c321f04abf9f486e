package io.millstream.jobs;

import io.millstream.api.MillstreamException;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/// Blocking on what the seam answers later.
final class Answer {
    private Answer() {}

    /// The value of `stage`, or the exception that it failed with.
    static <T> T of(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof MillstreamException known ? known : failed;
        }
    }
}
