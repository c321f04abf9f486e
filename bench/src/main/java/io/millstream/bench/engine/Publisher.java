package io.millstream.bench.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// One thread that publishes messages one by one, each a commit of its own, and measures how long
/// each acknowledgement takes.
///
/// What is refused as busy is sent again, as clients do, and counts from when it was first sent. A
/// paced publisher counts from the moment that a publish was due, not from when it could be sent:
/// so a stall is felt by all publishes that it held up.
final class Publisher {
    private static final long WAIT_NANOS = 1_000_000L;
    private static final int PACED_OUTSTANDING_MAX = 20_000;
    private static final long PACED_BYTES_MAX = 48L << 20;

    private final Session session;
    private final Sent what;
    private final Load load;
    private final LongSupplier settled;
    private final long backlogMax;
    private final Histogram acks;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong stored = new AtomicLong();
    private volatile @Nullable Thread waiting;
    private volatile @Nullable String refused;
    private final Queue<Sending> busy = new ConcurrentLinkedQueue<>();
    private long sent;
    private long sentAgain;

    /// What is sent.
    interface Sent {
        /// The operation of this number, counted from 0.
        ///
        /// @param from the time that it counts from, by the monotonic clock
        Operation operation(long number, long from);
    }

    /// @param from the time that it counts from
    private record Sending(long number, long from) {}

    /// Of plain messages to one queue; see the other constructor.
    Publisher(
            Session session,
            ChannelName queue,
            Load load,
            LongSupplier settled,
            long backlogMax,
            Histogram acks) {
        this(session, plain(queue, load.bytes()), load, settled, backlogMax, acks);
    }

    /// @param what puts and publishes
    /// @param settled how many messages consumers have settled
    /// @param backlogMax how many may be stored and not settled before the publisher waits
    /// @param acks where the times of acknowledgement are added, in microseconds
    Publisher(
            Session session,
            Sent what,
            Load load,
            LongSupplier settled,
            long backlogMax,
            Histogram acks) {
        this.session = session;
        this.what = what;
        this.load = load;
        this.settled = settled;
        this.backlogMax = backlogMax;
        this.acks = acks;
    }

    private static Sent plain(ChannelName queue, int bytes) {
        byte[] body = new byte[bytes];
        new Random(1).nextBytes(body);
        return (_, _) -> new Operation.Put(queue, Message.of(Bytes.of(body)));
    }

    /// How many publishes are acknowledged.
    long acknowledged() {
        return acknowledged.get();
    }

    /// How many messages they have become, in all queues.
    long stored() {
        return stored.get();
    }

    /// Publishes for so long, or until so many messages are sent, and waits for the last of them.
    ///
    /// @throws IllegalStateException if a publish was refused for another reason
    void run(double seconds, long messagesMax) {
        long began = System.nanoTime();
        long end = began + (long) (seconds * 1e9);
        long outstandingMax =
                load.isPaced()
                        ? Math.min(PACED_OUTSTANDING_MAX, PACED_BYTES_MAX / load.bytes())
                        : load.outstanding();
        double gap = load.isPaced() ? 1e9 / load.perSecond() : 0;
        while (sent < messagesMax) {
            long due = load.isPaced() ? Pace.due(began, sent, gap) : System.nanoTime();
            if (due >= end) {
                break;
            }
            Pace.await(due);
            sendAgain();
            awaitRoom(outstandingMax);
            send(new Sending(sent++, load.isPaced() ? due : System.nanoTime()));
        }
        awaitRoom(1);
    }

    private void awaitRoom(long outstandingMax) {
        while (sent - acknowledged.get() >= outstandingMax
                || stored.get() - settled.getAsLong() > backlogMax) {
            waiting = Thread.currentThread();
            if (sent - acknowledged.get() >= outstandingMax
                    || stored.get() - settled.getAsLong() > backlogMax) {
                LockSupport.parkNanos(this, WAIT_NANOS);
            }
            waiting = null;
            if (refused != null) {
                throw new IllegalStateException(refused);
            }
            sendAgain();
        }
    }

    /// What was refused as busy, if a moment has passed since the last time.
    private void sendAgain() {
        if (busy.isEmpty() || System.nanoTime() - sentAgain < WAIT_NANOS) {
            return;
        }
        sentAgain = System.nanoTime();
        for (int i = busy.size(); i > 0; i--) {
            Sending again = busy.poll();
            if (again != null) {
                send(again);
            }
        }
    }

    private void send(Sending sending) {
        session.commit(List.of(Commit.of(what.operation(sending.number, sending.from))))
                .thenAccept(receipts -> answered(receipts.getFirst(), sending));
    }

    /// On the engine's answering thread.
    private void answered(Receipt receipt, Sending sending) {
        switch (receipt) {
            case Receipt.Committed committed ->
                    stored.addAndGet(messages(committed.effects().getFirst()));
            case Receipt.Refused because -> {
                if (because.refusal() instanceof Refusal.Busy) {
                    busy.add(sending);
                    return;
                }
                refused = "A publish was refused: " + because.refusal();
            }
        }
        acks.recordValue((System.nanoTime() - sending.from) / 1000);
        acknowledged.incrementAndGet();
        Thread thread = waiting;
        if (thread != null) {
            waiting = null;
            LockSupport.unpark(thread);
        }
    }

    private static long messages(Receipt.Effect effect) {
        return switch (effect) {
            case Receipt.Effect.Stored _ -> 1;
            case Receipt.Effect.Routed routed ->
                    routed.reached().stream().mapToLong(one -> messages(one.effect())).sum();
            default -> 0;
        };
    }
}
