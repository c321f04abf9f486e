package io.millstream.bench.engine;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
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
import java.util.function.Consumer;

/// A consumer that settles what it is given at once, one commit for each delivered batch or for
/// each message.
final class Consumption implements DeliverySink, AutoCloseable {
    private static final int CREDIT_MESSAGES = 4096;
    private static final long CREDIT_BYTES = 32 << 20;

    private final Session session;
    private final AtomicLong settled = new AtomicLong();
    private final boolean oneByOne;
    private final Consumer<Lease> seen;
    private volatile @Nullable String failure;

    Consumption(Backend backend, ChannelName queue) {
        this(backend, List.of(queue), false, lease -> {});
    }

    /// @param queues all of which share its window
    /// @param oneByOne whether each message is settled by a commit of its own
    /// @param seen told of each lease when it comes, on the engine's answering thread
    Consumption(Backend backend, List<ChannelName> queues, boolean oneByOne, Consumer<Lease> seen) {
        this.session = backend.session(SessionSpec.of("bench consumer"));
        this.oneByOne = oneByOne;
        this.seen = seen;
        Credit credit = session.credit(CREDIT_MESSAGES, CREDIT_BYTES);
        for (ChannelName queue : queues) {
            session.consume(Subscribe.of(queue, Term.WhileOpen.WHILE_OPEN, credit), this);
        }
    }

    @Override
    public void deliver(List<Lease> leases) {
        leases.forEach(seen);
        List<Operation> settles = new ArrayList<>(leases.size());
        for (Lease lease : leases) {
            settles.add(new Operation.Settle(lease.handle(), Outcome.done()));
        }
        List<Commit> commits =
                oneByOne
                        ? settles.stream().map(Commit::of).toList()
                        : List.of(new Commit(null, settles));
        session.commit(commits).thenAccept(receipts -> receipts.forEach(this::settled));
    }

    private void settled(Receipt receipt) {
        switch (receipt) {
            case Receipt.Committed committed -> settled.addAndGet(committed.effects().size());
            case Receipt.Refused refused -> failure = "Settles were refused: " + refused.refusal();
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
