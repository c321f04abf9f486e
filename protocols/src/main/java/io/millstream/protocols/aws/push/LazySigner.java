package io.millstream.protocols.aws.push;

import io.millstream.api.Backend;
import io.millstream.api.Session;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/// The signer of a server, which is not there before somebody needs it: to make a key takes longer
/// than all the rest of a start. Usable by several threads.
public final class LazySigner {
    private final Backend backend;
    private final Session session;
    private final Executor workers;
    private @Nullable CompletionStage<Signer> signer;

    /// None yet.
    ///
    /// @param backend where the key is kept
    /// @param session under which it is kept
    /// @param workers where it is made
    public LazySigner(Backend backend, Session session, Executor workers) {
        this.backend = backend;
        this.session = session;
        this.workers = workers;
    }

    /// The signer. What failed is tried again by the next one who asks.
    public synchronized CompletionStage<Signer> get() {
        CompletionStage<Signer> known = signer;
        if (known == null || known.toCompletableFuture().isCompletedExceptionally()) {
            known = Signer.load(backend, session, workers);
            signer = known;
        }
        return known;
    }
}
