package io.millstream.bench.engine;

import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Session;

import java.util.List;

/// Commits that a benchmark needs and does not measure.
final class Commits {
    private Commits() {}

    /// Commits and waits for it.
    ///
    /// @throws IllegalStateException if it is refused
    static void require(Session session, Operation operation) {
        require(session, List.of(operation));
    }

    /// Commits all of it at once and waits for it.
    ///
    /// @throws IllegalStateException if it is refused
    static void require(Session session, List<Operation> operations) {
        Receipt receipt = session.commit(new Commit(null, operations)).toCompletableFuture().join();
        if (receipt instanceof Receipt.Refused refused) {
            throw new IllegalStateException("A commit was refused: " + refused.refusal());
        }
    }
}
