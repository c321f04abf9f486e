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
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells twice a second what running attempts say of themselves. Each in a commit of its own that
/// checks the lease: whose job is somebody else's by now says nothing of it any more.
final class Scribe implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Session session;
    private final Collection<Execution> running;
    private final CountDownLatch closed = new CountDownLatch(1);

    Scribe(Session session, Collection<Execution> running) {
        this.session = session;
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
        List<Teller> tellers = new ArrayList<>();
        for (Execution execution : running) {
            Operation append = execution.teller().append(execution.notes().take());
            if (append != null) {
                commits.add(Commit.of(new Operation.Check(execution.handle()), append));
                tellers.add(execution.teller());
            }
        }
        if (commits.isEmpty()) {
            return;
        }
        try {
            List<Receipt> receipts = Answer.of(session.commit(commits));
            for (int i = 0; i < receipts.size(); i++) {
                report(tellers.get(i), receipts.get(i));
            }
        } catch (MillstreamException lost) {
            Refusal why = new Refusal.Busy(String.valueOf(lost.getMessage()));
            Set.copyOf(tellers).forEach(teller -> teller.refused(why));
        }
    }

    private static void report(Teller teller, Receipt receipt) {
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
