package io.millstream.jobs;

import io.millstream.api.Commit;
import io.millstream.api.Lifecycle;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
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

    /// @param of who said it
    private record Told(Execution of, Commit commit) {
        void answered(boolean isTold) {
            of.notes().answered(isTold);
        }
    }

    private void tell() {
        List<Told> all = running.stream().map(Scribe::told).filter(Objects::nonNull).toList();
        if (all.isEmpty()) {
            return;
        }
        try {
            List<Receipt> receipts =
                    Answer.of(session.commit(all.stream().map(Told::commit).toList()));
            for (int i = 0; i < receipts.size(); i++) {
                answered(all.get(i), receipts.get(i));
            }
        } catch (RuntimeException failed) {
            // Whether it was told is not known; the rest is told with the commit that settles it.
            Refusal why = new Refusal.Busy(String.valueOf(failed.getMessage()));
            for (Told told : all) {
                told.answered(true);
                told.of.teller().refused(why);
            }
        }
    }

    private static @Nullable Told told(Execution execution) {
        List<Lifecycle> said = execution.notes().take();
        Operation append;
        try {
            append = execution.teller().append(said);
        } catch (RuntimeException failed) {
            // It is told later; whatever is wrong with this queue, others are told now.
            execution.notes().answered(false);
            execution.teller().refused(new Refusal.Busy(String.valueOf(failed.getMessage())));
            return null;
        }
        if (append == null) {
            execution.notes().answered(true);
            return null;
        }
        return new Told(execution, Commit.of(new Operation.Check(execution.handle()), append));
    }

    private static void answered(Told told, Receipt receipt) {
        switch (receipt) {
            case Receipt.Committed _ -> told.answered(true);
            case Receipt.Refused refused -> {
                // Whose job is somebody else's tells nothing any more.
                boolean isLost = refused.refusal() instanceof Refusal.StaleFence;
                told.answered(isLost || !(refused.refusal() instanceof Refusal.Busy));
                if (!isLost) {
                    told.of.teller().refused(refused.refusal());
                }
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
