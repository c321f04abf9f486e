package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.StoppedException;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Sees to jobs that the backend ended, because no worker had them in time or those that had them
/// never said a word: tells who awaits them, and puts them into the dead set. Runs beside all
/// workers; each job is seen to once.
final class Endings implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final Duration TAKE_WAIT = Duration.ofSeconds(20);
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final int MESSAGES = 100;
    private static final long REFUSED_PAUSE_MILLIS = 1000;

    private final Session session;
    private final Thread thread =
            Thread.ofVirtual().name("millstream-endings").unstarted(this::work);
    private volatile boolean stopping;
    private volatile @Nullable Pending<Taken> pending;

    Endings(Session session) {
        this.session = session;
    }

    void start() {
        thread.start();
    }

    private void work() {
        try {
            while (!stopping) {
                Pending<Taken> asking =
                        session.take(
                                Take.of(
                                        Envelope.ENDED,
                                        MESSAGES,
                                        new Term.Timed(LEASE),
                                        TAKE_WAIT));
                pending = asking;
                if (stopping) {
                    asking.cancel();
                }
                switch (Answer.of(asking.stage())) {
                    case Taken.Leased leased ->
                            leased.leases().forEach(lease -> end(lease, leased.now()));
                    case Taken.Refused _ -> TimeUnit.MILLISECONDS.sleep(REFUSED_PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException | StoppedException _) {
            // Closing, or the backend has stopped, which the workers report.
        }
    }

    private void end(Lease lease, Instant now) {
        Commit commit = new Commit(null, operations(lease, now));
        var _ =
                session.commit(commit)
                        .thenAccept(receipt -> {
                            if (receipt instanceof Receipt.Refused refused) {
                                LOGGER.log(
                                        System.Logger.Level.WARNING,
                                        ("That job %s has ended could not be stored: %s It is"
                                                        + " tried again.")
                                                .formatted(
                                                        Execution.idOf(lease),
                                                        refused.refusal().text()));
                            }
                        });
    }

    private static List<Operation> operations(Lease lease, Instant now) {
        List<Operation> operations = new ArrayList<>();
        operations.add(
                new Operation.Settle(lease.handle(), Outcome.done(), Operation.Stale.REFUSE));
        Runs.addEnd(operations, lease.message());
        boolean isExpired =
                lease.via() instanceof Via.DeadLettered dead && dead.cause() == Via.Cause.EXPIRED;
        String reason =
                isExpired
                        ? "No worker had it in time."
                        : "Its workers died of it, or lost it, without a word.";
        if (!isExpired) {
            Envelope.Death death =
                    new Envelope.Death(queueOf(lease), reason, "", lease.deliveries() - 1);
            operations.add(new Operation.Put(Envelope.DEAD, Envelope.dead(lease.message(), death)));
        }
        Duration keep = Envelope.keepResult(lease.message());
        if (keep != null) {
            JobState state = isExpired ? JobState.EXPIRED : JobState.DEAD;
            operations.add(
                    Results.write(
                            Execution.idOf(lease), Ending.without(state, reason), now.plus(keep)));
        }
        return operations;
    }

    private static ChannelName queueOf(Lease lease) {
        return lease.via() instanceof Via.DeadLettered dead ? dead.from() : lease.handle().queue();
    }

    @Override
    public void close() {
        stopping = true;
        Pending<Taken> asking = pending;
        if (asking != null) {
            asking.cancel();
        }
    }
}
