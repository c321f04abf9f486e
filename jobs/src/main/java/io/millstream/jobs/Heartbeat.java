package io.millstream.jobs;

import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.api.Session;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Renews the leases of all jobs that run, three times while each would last. On a platform thread
/// of its own: no handler can keep it from running.
///
/// It proves that the process lives, not that a job gets on; that is what timeouts are for, which
/// it keeps, too.
final class Heartbeat implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final int BEATS_PER_LEASE = 3;

    private final Session session;
    private final Collection<Execution> running;
    private final Duration lease;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    Heartbeat(Session session, Collection<Execution> running, Duration lease) {
        this.session = session;
        this.running = running;
        this.lease = lease;
        this.thread =
                Thread.ofPlatform().daemon().name("millstream-heartbeat").unstarted(this::beat);
    }

    void start() {
        thread.start();
    }

    private void beat() {
        long pause = Math.max(1, lease.dividedBy(BEATS_PER_LEASE).toMillis());
        // Timeouts shorter than a beat are to be kept as well.
        long step = Math.min(pause, 100);
        long next = System.nanoTime();
        try {
            while (!closed.await(step, TimeUnit.MILLISECONDS)) {
                long now = System.nanoTime();
                running.forEach(execution -> execution.hold().look(now));
                if (now - next >= 0) {
                    renew();
                    next = now + TimeUnit.MILLISECONDS.toNanos(pause);
                }
            }
        } catch (InterruptedException _) {
            // Nobody does that but who ends the process.
        }
    }

    /// Each in a commit of its own, so that one that is lost does not lose the others.
    private void renew() {
        List<Execution> all = running.stream().filter(one -> one.hold().isKept()).toList();
        if (all.isEmpty()) {
            return;
        }
        long asked = System.nanoTime();
        List<Commit> commits =
                all.stream()
                        .map(one -> Commit.of(new Operation.Extend(one.handle(), lease, false)))
                        .toList();
        var _ =
                session.commit(commits)
                        .whenComplete((receipts, failure) -> {
                            if (failure != null) {
                                LOGGER.log(
                                        System.Logger.Level.WARNING,
                                        "Leases of %d jobs were not renewed: %s"
                                                .formatted(all.size(), failure.getMessage()));
                                return;
                            }
                            for (int i = 0; i < all.size(); i++) {
                                all.get(i).hold().renewed(receipts.get(i), asked);
                            }
                        });
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
