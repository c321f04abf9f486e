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

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A consumer that settles each message and puts a new one in the same commit, so that the queue
/// stays as full as it is.
final class Turnover implements DeliverySink, AutoCloseable {
    private static final long LOOK_NANOS = 1_000_000L;

    private final Session session;
    private final ChannelName queue;
    private final Publisher.Sent sent;
    private final Histogram acks;
    private final AtomicLong settled = new AtomicLong();
    private long number;
    private volatile boolean over;
    private volatile @Nullable String failure;

    /// @param first the number of the first new message
    /// @param acks where the times of acknowledgement are added, in microseconds
    Turnover(Backend backend, QueueKind kind, Load load, long first, Histogram acks) {
        this.session = backend.session(SessionSpec.of("bench turnover"));
        this.queue = kind.queues().getFirst();
        this.sent = kind.sent(load.bytes());
        this.number = first;
        this.acks = acks;
        session.consume(
                Subscribe.of(
                        queue,
                        Term.WhileOpen.WHILE_OPEN,
                        session.credit(load.outstanding(), Long.MAX_VALUE)),
                this);
    }

    @Override
    public void deliver(List<Lease> leases) {
        if (over) {
            return;
        }
        long from = System.nanoTime();
        List<Commit> commits = new ArrayList<>(leases.size());
        for (Lease lease : leases) {
            commits.add(
                    Commit.of(
                            new Operation.Settle(lease.handle(), Outcome.done()),
                            sent.operation(number++, from)));
        }
        session.commit(commits)
                .thenAccept(receipts -> receipts.forEach(receipt -> answered(receipt, from)));
    }

    private void answered(Receipt receipt, long from) {
        switch (receipt) {
            case Receipt.Committed _ -> {
                acks.recordValue((System.nanoTime() - from) / 1000);
                settled.incrementAndGet();
            }
            case Receipt.Refused refused ->
                    failure = "A settle with a put was refused: " + refused.refusal();
        }
    }

    @Override
    public void ended(Refusal why) {
        failure = "The subscription ended: " + why;
    }

    /// How many messages are settled, each with a new one.
    long settled() {
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        return settled.get();
    }

    /// Waits until so many are.
    void await(long messages) {
        while (settled() < messages) {
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    /// Goes on for so long, and begins nothing new afterwards.
    void run(double seconds) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            settled();
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        over = true;
    }

    @Override
    public void close() {
        session.close();
    }
}
