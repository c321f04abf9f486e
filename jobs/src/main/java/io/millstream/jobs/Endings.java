package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Via;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Sees to jobs that the backend ended, because no worker had them in time or those that had them
/// never said a word: tells who awaits them, frees what they kept others out by, and puts them into
/// the dead set.
final class Endings implements InnerQueue.Worker {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());

    private final Backend backend;
    private final Session session;
    private final Claims claims;
    private final Sweep sweep;

    Endings(Backend backend, Session session) {
        this.backend = backend;
        this.session = session;
        this.claims = new Claims(backend);
        this.sweep = new Sweep(backend, session);
    }

    @Override
    public void work(Lease lease, Instant now) {
        String id = Execution.idOf(lease);
        List<Operation> operations = isCancelled(id) ? letGo(lease) : operations(lease, now);
        operations.addAll(claims.freedBy(lease.message(), id));
        var _ =
                session.commit(new Commit(null, operations))
                        .thenAccept(receipt -> report(lease, receipt));
    }

    private boolean isCancelled(String id) {
        return RowLook.at(backend, Cancels.TABLE, id).row() != null;
    }

    /// Whoever cancelled it has said all there is to say.
    private static List<Operation> letGo(Lease lease) {
        List<Operation> operations = new ArrayList<>();
        operations.add(new Operation.Settle(lease.handle(), Outcome.done()));
        operations.add(Cancels.forget(Execution.idOf(lease)));
        Runs.addEnd(operations, lease.message());
        return operations;
    }

    private static void report(Lease lease, Receipt receipt) {
        // A row that has changed meanwhile is looked at again with the next lease.
        if (receipt instanceof Receipt.Refused refused
                && !(refused.refusal() instanceof Refusal.Conflict)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "That job %s has ended could not be stored: %s It is tried again."
                            .formatted(Execution.idOf(lease), refused.refusal().text()));
        }
    }

    private static List<Operation> operations(Lease lease, Instant now) {
        List<Operation> operations = new ArrayList<>();
        operations.add(new Operation.Settle(lease.handle(), Outcome.done()));
        operations.add(Cancels.isNot(Execution.idOf(lease)));
        Runs.addEnd(operations, lease.message());
        boolean isExpired =
                lease.via() instanceof Via.DeadLettered dead && dead.cause() == Via.Cause.EXPIRED;
        String reason =
                isExpired
                        ? "No worker had it in time."
                        : "Its workers died of it, or lost it, without a word.";
        if (!isExpired) {
            Envelope.Death death =
                    Envelope.Death.of(queueOf(lease), reason, null, lease.deliveries() - 1);
            operations.add(
                    new Operation.Put(
                            Envelope.DEAD,
                            Envelope.dead(lease.message(), Execution.idOf(lease), death)));
        }
        Duration keep = Envelope.keepResult(lease.message());
        if (keep != null) {
            JobState state = isExpired ? JobState.EXPIRED : JobState.DEAD;
            operations.add(
                    Results.write(
                            Execution.idOf(lease),
                            Ending.without(state, reason).in(queueOf(lease)),
                            now.plus(keep)));
        }
        return operations;
    }

    private static ChannelName queueOf(Lease lease) {
        return lease.via() instanceof Via.DeadLettered dead ? dead.from() : lease.handle().queue();
    }

    @Override
    public void idle(Instant now) {
        sweep.perhaps(now);
    }
}
