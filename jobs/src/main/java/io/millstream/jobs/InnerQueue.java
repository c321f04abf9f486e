package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Lease;
import io.millstream.api.Pending;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.StoppedException;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/// Works one of the queues that jobs have for themselves, on a thread of its own. Runs beside all
/// workers; each message is seen to by one of them.
final class InnerQueue implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final Duration TAKE_WAIT = Duration.ofSeconds(20);
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final int MESSAGES = 100;
    private static final long REFUSED_PAUSE_MILLIS = 1000;
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

    private final Session session;
    private final ChannelName queue;
    private final Worker worker;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable Pending<Taken> pending;

    /// What is done about it. May block.
    interface Worker {
        /// Sees to a message, whose lease it settles.
        ///
        /// @param now the backend's clock
        void work(Lease lease, Instant now);

        /// A take has ended, with messages or without.
        ///
        /// @param now the backend's clock
        default void idle(Instant now) {}
    }

    InnerQueue(Session session, ChannelName queue, Worker worker) {
        this.session = session;
        this.queue = queue;
        this.worker = worker;
        this.thread = Thread.ofVirtual().name("millstream-" + queue.name()).unstarted(this::work);
    }

    void start() {
        thread.start();
    }

    private void work() {
        try {
            while (!stopping) {
                Pending<Taken> asking =
                        session.take(Take.of(queue, MESSAGES, new Term.Timed(LEASE), TAKE_WAIT));
                pending = asking;
                if (stopping) {
                    asking.cancel();
                }
                try {
                    switch (Answer.of(asking.stage())) {
                        case Taken.Leased leased -> seeTo(leased);
                        case Taken.Refused _ -> TimeUnit.MILLISECONDS.sleep(REFUSED_PAUSE_MILLIS);
                    }
                } catch (ConnectionLostException _) {
                    // The workers report that, too. What was leased comes back.
                    TimeUnit.MILLISECONDS.sleep(REFUSED_PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException | StoppedException _) {
            // Closing, or the backend has stopped, which the workers report.
        }
    }

    private void seeTo(Taken.Leased leased) {
        try {
            for (Lease lease : leased.leases()) {
                if (!stopping) {
                    worker.work(lease, leased.now());
                }
            }
            if (!stopping) {
                worker.idle(leased.now());
            }
        } catch (RefusedException refused) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "What is in %s is not seen to now: %s It is tried again."
                            .formatted(queue, refused.getMessage()));
        }
    }

    /// Waits for what it is at, but not for a store that does not answer. What it holds besides is
    /// seen to by others when its lease has ended.
    @Override
    public void close() {
        stopping = true;
        Pending<Taken> asking = pending;
        if (asking != null) {
            asking.cancel();
        }
        try {
            thread.join(CLOSE_WAIT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
