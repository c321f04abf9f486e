package io.millstream;

import io.millstream.api.Commit;
import io.millstream.api.MillstreamException;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

/// Blocking on what the seam answers later.
final class Waiting {
    private static final long BUSY_NANOS_FIRST = 1_000_000L;
    private static final long BUSY_NANOS_MAX = 100_000_000L;

    private Waiting() {}

    /// The value of `stage`, or the exception that it failed with.
    static <T> T on(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof MillstreamException known) {
                throw known;
            }
            throw failed;
        }
    }

    /// The same, but completed on a thread of its own: whoever hangs something on it may block
    /// there, even for another answer of the same store.
    static <T> CompletionStage<T> apart(CompletionStage<T> stage) {
        return stage.whenCompleteAsync((value, failure) -> {}, Thread::startVirtualThread);
    }

    /// Commits, waiting as long as the store is busy: under pressure the publisher that causes it
    /// waits.
    ///
    /// @throws RefusedException if it is refused for another reason, or the thread is interrupted
    ///   meanwhile
    static Receipt.Committed forRoom(Session session, Commit commit) {
        long pause = BUSY_NANOS_FIRST;
        while (true) {
            switch (on(session.commit(commit))) {
                case Receipt.Committed committed -> {
                    return committed;
                }
                case Receipt.Refused refused -> {
                    boolean busy = refused.refusal() instanceof Refusal.Busy;
                    if (!busy || Thread.currentThread().isInterrupted()) {
                        throw new RefusedException(refused.refusal());
                    }
                    LockSupport.parkNanos(pause);
                    pause = Math.min(pause * 2, BUSY_NANOS_MAX);
                }
            }
        }
    }
}
