package io.millstream.jobs;

import io.millstream.api.Commit;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells twice a second what running attempts say of themselves. Each in a commit of its own that
/// checks the lease: whose job is somebody else's by now says nothing of it any more.
final class Scribe implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Session session;
    private final Teller teller;
    private final Collection<Execution> running;
    private final CountDownLatch closed = new CountDownLatch(1);

    Scribe(Session session, Teller teller, Collection<Execution> running) {
        this.session = session;
        this.teller = teller;
        this.running = running;
    }

    void start() {
        Thread.ofVirtual().name("millstream-scribe").start(this::write);
    }

    private void write() {
        try {
            while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                tell();
            }
        } catch (InterruptedException _) {
            // Nobody does that.
        }
    }

    private void tell() {
        List<Commit> commits = new ArrayList<>();
        for (Execution execution : running) {
            Operation append = teller.append(execution.notes().take());
            if (append != null) {
                commits.add(Commit.of(new Operation.Check(execution.handle()), append));
            }
        }
        if (commits.isEmpty()) {
            return;
        }
        try {
            Answer.of(session.commit(commits)).forEach(this::report);
        } catch (MillstreamException lost) {
            teller.refused(new Refusal.Busy(String.valueOf(lost.getMessage())));
        }
    }

    private void report(Receipt receipt) {
        if (receipt instanceof Receipt.Refused refused
                && !(refused.refusal() instanceof Refusal.StaleFence)) {
            teller.refused(refused.refusal());
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
