package io.millstream.jobs;

import io.millstream.api.ConnectionLostException;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// One attempt of one job, on a thread of its own.
///
/// Whatever it comes to is one commit that settles the lease: the result, the retry or the place in
/// the dead set is stored with it or not at all, and refused if the lease is not the current one
/// any more.
final class Execution {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());

    private final Settling settling;
    private final Handlers handlers;
    private final Lease lease;
    private final Hold hold;
    private final Instant takenAt;
    private final long taken = System.nanoTime();

    /// @param length of the lease
    /// @param takenAt the backend's clock when it was taken
    Execution(
            Session session,
            Claims claims,
            Handlers handlers,
            Lease lease,
            Duration length,
            Instant takenAt) {
        this.handlers = handlers;
        this.lease = lease;
        this.hold = new Hold(idOf(lease), length);
        this.settling = new Settling(session, claims, lease, hold);
        this.takenAt = takenAt;
    }

    static String idOf(Lease lease) {
        return Envelope.idOf(lease.message(), lease.handle().queue(), lease.handle().sequence());
    }

    String id() {
        return idOf(lease);
    }

    Handle handle() {
        return lease.handle();
    }

    Hold hold() {
        return hold;
    }

    void run() {
        Handlers.Handler<?, ?> handler = handlers.find(lease.message().type());
        if (handler == null) {
            // A queue that does not tell types apart: somebody else may know it.
            store(retry(Duration.ZERO, false));
            return;
        }
        perform(handler);
    }

    private <P, R> void perform(Handlers.Handler<P, R> handler) {
        Retry retry = handler.type().options().retry();
        Refusal refusal = settling.begin();
        if (refusal != null) {
            report(refusal);
            return;
        }
        if (lease.attempts() > retry.attempts()) {
            bury("Its last worker died of it, or lost it, without a word.", null);
            return;
        }
        P payload;
        try {
            payload = payloadOf(handler);
        } catch (Json.Unreadable unreadable) {
            bury(
                    "What it is given cannot be read as %s: %s"
                            .formatted(handler.type(), unreadable.getMessage()),
                    null);
            return;
        }
        JobContext context = new JobContext(lease, hold);
        JobOptions options = handler.type().options();
        hold.begin(options.timeout(), options.interruptedByCancel());
        if (hold.isCancelled()) {
            hold.end();
            report(settling.cancelled());
            return;
        }
        boolean decided = false;
        try {
            JobOutcome<R> outcome = handler.decider().decide(payload, context);
            hold.end();
            decided = true;
            ended(handler, outcome, context.operations());
        } catch (Throwable failure) {
            // Errors too: a handler that runs out of stack or memory must not take the job along.
            hold.end();
            if (decided && failure instanceof ConnectionLostException unknown) {
                // It is done, or will be done again when the lease has ended: it has not failed.
                throw unknown;
            }
            failed(retry, failure);
        }
    }

    private <P> P payloadOf(Handlers.Handler<P, ?> handler) throws Json.Unreadable {
        ObjectNode object = Json.object(lease.message().body());
        try {
            object = handler.type().upcast(object, handler.version());
        } catch (RuntimeException wrong) {
            throw new Json.Unreadable("An upcaster failed: " + wrong, wrong);
        }
        return Json.read(object, handler.type().payload());
    }

    // How it ended.

    private <R> void ended(
            Handlers.Handler<?, R> handler, JobOutcome<R> outcome, List<Operation> besides) {
        if (hold.isLost()) {
            dropped();
            return;
        }
        switch (outcome) {
            case JobOutcome.Done<R>(R result) -> done(handler, Ending.done(result), besides);
            case JobOutcome.Discarded<R>(String reason) ->
                    done(handler, Ending.without(JobState.DISCARDED, reason), List.of());
            case JobOutcome.Snooze<R>(Duration wait) -> store(retry(wait, false));
            case JobOutcome.Dead<R>(String reason) -> bury(reason, null);
            case JobOutcome.Again<R>(Duration wait, String reason) -> {
                if (lease.attempts() >= handler.type().options().retry().attempts()) {
                    bury(reason, null);
                } else {
                    store(retry(wait, true));
                }
            }
        }
    }

    /// A commit that is refused for what is done besides is a failed attempt.
    private void done(Handlers.Handler<?, ?> handler, Ending ending, List<Operation> besides) {
        Refusal refusal = settling.end(ends(ending), besides);
        if (refusal instanceof Refusal.StaleFence) {
            dropped();
        } else if (refusal != null) {
            failed(
                    handler.type().options().retry(),
                    new IllegalStateException("What it came to was refused: " + refusal.text()));
        }
    }

    private void failed(Retry retry, Throwable failure) {
        if (hold.isCancelled() && !hold.isLost()) {
            report(settling.cancelled());
            return;
        }
        switch (hold.reason()) {
            case LOST -> dropped();
            case CLOSING -> store(retry(Duration.ZERO, false));
            case TIMED_OUT -> again(retry, new TimedOutException(hold.timeout(), failure));
            case NOTHING, CANCELLED -> again(retry, failure);
        }
    }

    private void again(Retry retry, Throwable failure) {
        Retry.Decision decision =
                retry.decide(failure, lease.attempts(), ThreadLocalRandom.current());
        if (decision instanceof Retry.Decision.After(Duration wait)) {
            LOGGER.log(
                    System.Logger.Level.INFO,
                    "Job %s (%s) failed in attempt %d and is tried again in %s: %s"
                            .formatted(
                                    idOf(lease),
                                    lease.message().type(),
                                    lease.attempts(),
                                    wait,
                                    Failures.reason(failure)));
            store(retry(wait, true));
        } else {
            bury(Failures.reason(failure), failure);
        }
    }

    /// To the dead set.
    private void bury(String reason, @Nullable Throwable failure) {
        LOGGER.log(
                System.Logger.Level.WARNING,
                "Job %s (%s) is dead after %d attempts: %s"
                        .formatted(idOf(lease), lease.message().type(), lease.attempts(), reason));
        Envelope.Death death =
                Envelope.Death.of(lease.handle().queue(), reason, failure, lease.attempts());
        List<Operation> operations = ends(Ending.without(JobState.DEAD, reason));
        operations.add(
                new Operation.Put(
                        Envelope.DEAD, Envelope.dead(lease.message(), idOf(lease), death)));
        report(settling.end(operations, List.of()));
    }

    // What is committed.

    private void store(Operation operation) {
        report(settling.again(operation));
    }

    private void report(@Nullable Refusal refusal) {
        if (refusal instanceof Refusal.StaleFence) {
            dropped();
        } else if (refusal != null) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    ("How job %s ended could not be stored: %s It is tried again when its lease has"
                                    + " ended.")
                            .formatted(idOf(lease), refusal.text()));
        }
    }

    private void dropped() {
        LOGGER.log(
                System.Logger.Level.WARNING,
                ("Job %s was lost in attempt %d: its lease ended before it did. What it came to is"
                                + " dropped.")
                        .formatted(idOf(lease), lease.attempts()));
    }

    private List<Operation> ends(Ending ending) {
        List<Operation> operations = new ArrayList<>();
        operations.add(settle(Outcome.done()));
        Runs.addEnd(operations, lease.message());
        Duration keep = Envelope.keepResult(lease.message());
        if (keep != null) {
            Instant now = takenAt.plusNanos(System.nanoTime() - taken);
            operations.add(
                    Results.write(idOf(lease), ending.in(lease.handle().queue()), now.plus(keep)));
        }
        return operations;
    }

    private Operation retry(Duration wait, boolean counts) {
        return settle(new Outcome.Retry(wait, counts));
    }

    private Operation settle(Outcome outcome) {
        return new Operation.Settle(lease.handle(), outcome);
    }
}
