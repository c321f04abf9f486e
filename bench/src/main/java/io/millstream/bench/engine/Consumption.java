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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// A consumer that settles what it is given at once, one commit for each delivered batch.
final class Consumption implements DeliverySink, AutoCloseable {
    private static final int CREDIT_MESSAGES = 4096;
    private static final long CREDIT_BYTES = 32 << 20;

    private final Session session;
    private final AtomicLong settled = new AtomicLong();
    private volatile @Nullable String failure;

    Consumption(Backend backend, ChannelName queue) {
        this.session = backend.session(SessionSpec.of("bench consumer"));
        session.consume(
                Subscribe.of(
                        queue,
                        Term.WhileOpen.WHILE_OPEN,
                        session.credit(CREDIT_MESSAGES, CREDIT_BYTES)),
                this);
    }

    @Override
    public void deliver(List<Lease> leases) {
        List<Operation> settles = new ArrayList<>(leases.size());
        for (Lease lease : leases) {
            settles.add(
                    new Operation.Settle(lease.handle(), Outcome.done(), Operation.Stale.REFUSE));
        }
        session.commit(List.of(new Commit(null, settles)))
                .thenAccept(receipts -> settled(receipts.getFirst(), leases.size()));
    }

    private void settled(Receipt receipt, int messages) {
        switch (receipt) {
            case Receipt.Committed committed -> settled.addAndGet(committed.effects().size());
            case Receipt.Refused refused ->
                    failure = messages + " settles were refused: " + refused.refusal();
        }
    }

    @Override
    public void ended(Refusal why) {
        failure = "The subscription ended: " + why;
    }

    /// How many messages are settled and on disk.
    long settled() {
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        return settled.get();
    }

    /// Waits until so many messages are settled.
    void await(long messages) {
        while (settled() < messages) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
