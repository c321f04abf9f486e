package io.millstream.bench.engine;

import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Commits that a benchmark needs and does not measure.
final class Commits {
    private static final long BUSY_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private Commits() {}

    /// Commits and waits for it.
    ///
    /// @throws IllegalStateException if it is refused
    static void require(Session session, Operation operation) {
        require(session, List.of(operation));
    }

    /// Commits all of it at once and waits for it. What is refused because the disk does not keep
    /// up is sent again in a moment, as every producer does.
    ///
    /// @throws IllegalStateException if it is refused, or the disk does not keep up for a minute
    static void require(Session session, List<Operation> operations) {
        long deadline = System.nanoTime() + BUSY_NANOS_MAX;
        while (session.commit(new Commit(null, operations)).toCompletableFuture().join()
                instanceof Receipt.Refused refused) {
            boolean isBusy = refused.refusal() instanceof Refusal.Busy;
            if (!isBusy || System.nanoTime() > deadline) {
                throw new IllegalStateException("A commit was refused: " + refused.refusal());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
