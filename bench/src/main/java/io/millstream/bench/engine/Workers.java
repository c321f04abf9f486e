package io.millstream.bench.engine;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Term;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/// So many workers that have one message each at a time, and take some time for it.
final class Workers implements DeliverySink, AutoCloseable {
    private final Session session;
    private final long nanos;
    private final Consumer<Lease> seen;
    private final Function<Lease, Outcome> work;
    private volatile @Nullable String failure;
    private boolean closed;

    /// @param nanos how long a message takes
    /// @param seen told of each lease when it comes, on the engine's answering thread
    /// @param work how it ends
    Workers(
            Backend backend,
            ChannelName queue,
            int workers,
            long nanos,
            Consumer<Lease> seen,
            Function<Lease, Outcome> work) {
        this.session = backend.session(SessionSpec.of("bench workers"));
        this.nanos = nanos;
        this.seen = seen;
        this.work = work;
        session.consume(
                Subscribe.of(
                        queue, Term.WhileOpen.WHILE_OPEN, session.credit(workers, Long.MAX_VALUE)),
                this);
    }

    @Override
    public void deliver(List<Lease> leases) {
        leases.forEach(seen);
        for (Lease lease : leases) {
            if (nanos == 0) {
                settle(lease);
            } else {
                Thread.ofVirtual()
                        .start(() -> {
                            LockSupport.parkNanos(nanos);
                            settle(lease);
                        });
            }
        }
    }

    private synchronized void settle(Lease lease) {
        if (closed) {
            return;
        }
        Operation.Settle settle = new Operation.Settle(lease.handle(), work.apply(lease));
        session.commit(Commit.of(settle)).thenAccept(this::settled);
    }

    private void settled(Receipt receipt) {
        switch (receipt) {
            case Receipt.Committed _ -> {
                // The engine gives the worker its next one.
            }
            case Receipt.Refused refused -> failure = "A settle was refused: " + refused.refusal();
        }
    }

    @Override
    public void ended(Refusal why) {
        failure = "The subscription ended: " + why;
    }

    /// @throws IllegalStateException if something was refused
    void check() {
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }

    /// What they have goes back to the queue.
    @Override
    public synchronized void close() {
        closed = true;
        session.close();
    }
}
