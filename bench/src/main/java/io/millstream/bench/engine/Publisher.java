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
    private final ChannelName queue;
    private final Load load;
    private final LongSupplier settled;
    private final long backlogMax;
    private final Histogram acks;
    private final byte[] body;
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile @Nullable Thread waiting;
    private volatile @Nullable String refused;
    private final Queue<Long> busy = new ConcurrentLinkedQueue<>();
    private long sent;
    private long sentAgain;

    /// @param settled how many messages a consumer has settled
    /// @param backlogMax how many may be stored and not settled before the publisher waits
    /// @param acks where the times of acknowledgement are added, in microseconds
    Publisher(
            Session session,
            ChannelName queue,
            Load load,
            LongSupplier settled,
            long backlogMax,
            Histogram acks) {
        this.session = session;
        this.queue = queue;
        this.load = load;
        this.settled = settled;
        this.backlogMax = backlogMax;
        this.acks = acks;
        this.body = new byte[load.bytes()];
        new Random(1).nextBytes(body);
    }

    /// How many publishes are acknowledged.
    long acknowledged() {
        return acknowledged.get();
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
            sent++;
            send(load.isPaced() ? due : System.nanoTime());
        }
        awaitRoom(1);
    }

    private void awaitRoom(long outstandingMax) {
        while (sent - acknowledged.get() >= outstandingMax
                || acknowledged.get() - settled.getAsLong() > backlogMax) {
            waiting = Thread.currentThread();
            if (sent - acknowledged.get() >= outstandingMax
                    || acknowledged.get() - settled.getAsLong() > backlogMax) {
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
            Long from = busy.poll();
            if (from != null) {
                send(from);
            }
        }
    }

    private void send(long from) {
        Message message = Message.of(Bytes.of(body));
        session.commit(List.of(Commit.of(new Operation.Put(queue, message))))
                .thenAccept(receipts -> answered(receipts.getFirst(), from));
    }

    /// On the engine's answering thread.
    private void answered(Receipt receipt, long from) {
        if (receipt instanceof Receipt.Refused because) {
            if (because.refusal() instanceof Refusal.Busy) {
                busy.add(from);
                return;
            }
            refused = "A publish was refused: " + because.refusal();
        }
        acks.recordValue((System.nanoTime() - from) / 1000);
        acknowledged.incrementAndGet();
        Thread thread = waiting;
        if (thread != null) {
            waiting = null;
            LockSupport.unpark(thread);
        }
    }
}
