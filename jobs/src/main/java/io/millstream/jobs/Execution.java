package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Lifecycle;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import org.jspecify.annotations.Nullable;

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
    private final DeclaredQueue queue;
    private final Lease lease;
    private final Hold hold;
    private final Notes notes;
    private final Teller teller;
    private final Instant takenAt;
    private final Sign sign = new Sign();
    private final long taken = System.nanoTime();

    /// What all that the same workers do has in common.
    ///
    /// @param length of a lease
    record Shop(
            Session session,
            Claims claims,
            Handlers handlers,
            DeclaredQueue queue,
            Teller teller,
            Duration length) {}

    /// Why an attempt failed.
    ///
    /// @param thrown what its handler threw, or null if it said so
    /// @param log what it said before
    private record Failure(String reason, @Nullable Throwable thrown, String log) {
        static Failure of(Throwable thrown) {
            return new Failure(Failures.reason(thrown), thrown, "");
        }

        Retry.Decision decide(Retry retry, int attempt) {
            return thrown == null
                    ? retry.decide(attempt, ThreadLocalRandom.current())
                    : retry.decide(thrown, attempt, ThreadLocalRandom.current());
        }

        String fingerprint() {
            return Fingerprint.of(thrown, reason);
        }

        Envelope.Death death(ChannelName queue, int attempts) {
            return !log.isEmpty()
                    ? Envelope.Death.after(queue, reason, log, attempts)
                    : Envelope.Death.of(queue, reason, thrown, attempts);
        }
    }

    /// @param takenAt the backend's clock when it was taken
    Execution(Shop shop, Lease lease, Instant takenAt) {
        this.handlers = shop.handlers;
        this.queue = shop.queue;
        this.lease = lease;
        this.hold = new Hold(idOf(lease), shop.length);
        this.notes = new Notes(lease);
        this.teller = shop.teller;
        this.settling =
                new Settling(
                        shop.session, shop.claims, queue.isOfJobs(), lease, hold, teller, notes);
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

    /// What its handler came to, if it ran.
    Sign sign() {
        return sign;
    }

    Notes notes() {
        return notes;
    }

    /// Who tells what it says of itself.
    Teller teller() {
        return teller;
    }

    void run() {
        Handlers.Handler<?, ?> handler = handlers.find(lease.message().type());
        if (handler == null) {
            // A queue that does not tell types apart: somebody else may know it.
            store(again(Duration.ZERO, false));
            return;
        }
        perform(handler);
    }

    private <P, R> void perform(Handlers.Handler<P, R> handler) {
        JobOptions options = handler.options();
        Refusal refusal = settling.begin();
        if (refusal != null) {
            report(refusal);
            return;
        }
        if (queue.isOfJobs() && lease.attempts() > options.retry().attempts()) {
            bury("Its last worker died of it, or lost it, without a word.");
            return;
        }
        P payload;
        try {
            payload = handler.read(lease.message());
        } catch (Json.Unreadable unreadable) {
            bury(
                    "What it is given cannot be read as %s: %s"
                            .formatted(lease.message().type(), unreadable.getMessage()));
            return;
        }
        JobContext context = new JobContext(lease, hold, notes);
        hold.begin(options.timeout(), options.interruptedByCancel());
        if (hold.isCancelled()) {
            hold.end();
            report(settling.cancelled());
            return;
        }
        boolean decided = false;
        try {
            JobOutcome<R> outcome = decide(handler, payload, context);
            hold.end();
            decided = true;
            sign.returned(outcome);
            ended(options.retry(), outcome, context.operations());
        } catch (Throwable failure) {
            // Errors too: a handler that runs out of stack or memory must not take the job along.
            hold.end();
            if (!decided) {
                sign.threw(failure);
            }
            if (decided && failure instanceof ConnectionLostException unknown) {
                // It is done, or will be done again when the lease has ended: it has not failed.
                throw unknown;
            }
            failed(options.retry(), Failure.of(failure));
        }
    }

    private <P, R> JobOutcome<R> decide(
            Handlers.Handler<P, R> handler, P payload, JobContext context) throws Exception {
        try (Trace trace = Trace.of(lease, id())) {
            try {
                JobOutcome<R> outcome =
                        trace.within(() -> handler.decider().decide(payload, context));
                trace.ended(outcome);
                return outcome;
            } catch (Throwable failure) {
                trace.failed(failure);
                throw failure;
            }
        }
    }

    // How it ended.

    private <R> void ended(Retry retry, JobOutcome<R> outcome, List<Operation> besides) {
        if (hold.isLost()) {
            dropped();
            return;
        }
        switch (outcome) {
            case JobOutcome.Done<R>(R result) -> done(retry, Ending.done(result), besides, null);
            case JobOutcome.Discarded<R>(String reason) ->
                    done(
                            retry,
                            Ending.without(JobState.DISCARDED, reason),
                            List.of(),
                            notes.ended(JobState.DISCARDED, reason));
            case JobOutcome.Snooze<R>(Duration wait) -> store(again(wait, false));
            case JobOutcome.Dead<R>(String reason) -> bury(reason);
            case JobOutcome.Failed<R>(String reason, String log) ->
                    failed(retry, new Failure(reason, null, log));
            case JobOutcome.Again<R>(Duration wait, String reason) -> {
                if (!queue.isOfJobs()) {
                    leaveToQueue(wait, new Failure(reason, null, ""));
                } else if (lease.attempts() >= retry.attempts()) {
                    bury(reason);
                } else {
                    notes.failed(reason, Fingerprint.of(null, reason));
                    store(again(wait, true));
                }
            }
        }
    }

    /// A commit that is refused for what is done besides is a failed attempt.
    ///
    /// @param how that it ends otherwise than as done, or null
    private void done(
            Retry retry, Ending ending, List<Operation> besides, Lifecycle.@Nullable Ended how) {
        Refusal refusal = settling.end(ends(Outcome.done(), ending), besides, how);
        if (refusal instanceof Refusal.StaleFence) {
            dropped();
        } else if (refusal != null) {
            failed(
                    retry,
                    Failure.of(
                            new IllegalStateException(
                                    "What it came to was refused: " + refusal.text())));
        }
    }

    private void failed(Retry retry, Failure failure) {
        if (hold.isCancelled() && !hold.isLost()) {
            report(settling.cancelled());
            return;
        }
        switch (hold.reason()) {
            case LOST -> dropped();
            case CLOSING -> store(again(Duration.ZERO, false));
            case TIMED_OUT -> {
                var late = new TimedOutException(hold.timeout(), failure.thrown());
                retry(retry, new Failure(Failures.reason(late), late, failure.log()));
            }
            case NOTHING, CANCELLED -> retry(retry, failure);
        }
    }

    private void retry(Retry retry, Failure failure) {
        if (!queue.isOfJobs()) {
            leaveToQueue(DeclaredQueue.wait(queue.now(), lease.attempts()), failure);
            return;
        }
        Retry.Decision decision = failure.decide(retry, lease.attempts());
        if (decision instanceof Retry.Decision.After(Duration wait)) {
            notes.failed(failure.reason(), failure.fingerprint());
            LOGGER.log(
                    System.Logger.Level.INFO,
                    "Job %s (%s) failed in attempt %d and is tried again in %s: %s"
                            .formatted(
                                    idOf(lease),
                                    lease.message().type(),
                                    lease.attempts(),
                                    wait,
                                    failure.reason()));
            store(again(wait, true));
        } else {
            bury(failure);
        }
    }

    /// It failed in a queue that is not one of jobs: whether that was its last attempt, and where
    /// it goes then, is as the queue declares.
    private void leaveToQueue(Duration wait, Failure failure) {
        String reason = failure.reason();
        boolean isLast = DeclaredQueue.isLast(queue.now(), lease.attempts());
        notes.failed(reason, failure.fingerprint());
        LOGGER.log(
                isLast ? System.Logger.Level.WARNING : System.Logger.Level.INFO,
                "Message %s of %s failed in attempt %d and %s: %s"
                        .formatted(
                                idOf(lease),
                                queue.name(),
                                lease.attempts(),
                                isLast ? "has no more" : "is tried again in " + wait,
                                reason));
        if (isLast) {
            // The store counts, too, and sends it to where the dead of this queue go.
            Ending ending = Ending.without(JobState.DEAD, reason);
            report(settling.end(ends(Outcome.retry(), ending), List.of(), null));
        } else {
            store(again(wait, true));
        }
    }

    private void bury(String reason) {
        bury(new Failure(reason, null, ""));
    }

    /// To the dead set; or to where the dead of its queue go.
    private void bury(Failure failure) {
        String reason = failure.reason();
        LOGGER.log(
                System.Logger.Level.WARNING,
                "Job %s (%s) is dead after %d attempts: %s"
                        .formatted(idOf(lease), lease.message().type(), lease.attempts(), reason));
        notes.failed(reason, failure.fingerprint());
        Lifecycle.Ended how = notes.ended(JobState.DEAD, reason);
        Ending ending = Ending.without(JobState.DEAD, reason);
        if (!queue.isOfJobs()) {
            String words = Failures.cut(reason, Failures.REASON_CHARS_MAX);
            report(settling.end(ends(Outcome.dead(words), ending), List.of(), how));
            return;
        }
        Envelope.Death death = failure.death(queue.name(), lease.attempts());
        List<Operation> operations = ends(Outcome.done(), ending);
        operations.add(
                new Operation.Put(
                        Envelope.DEAD, Envelope.dead(lease.message(), idOf(lease), death)));
        report(settling.end(operations, List.of(), how));
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

    private List<Operation> ends(Outcome outcome, Ending ending) {
        List<Operation> operations = new ArrayList<>();
        operations.add(settle(outcome));
        Runs.addEnd(operations, lease.message());
        Duration keep = Envelope.keepResult(lease.message());
        if (keep != null) {
            Instant now = takenAt.plusNanos(System.nanoTime() - taken);
            operations.add(
                    Results.write(idOf(lease), ending.in(lease.handle().queue()), now.plus(keep)));
        }
        return operations;
    }

    private Operation again(Duration wait, boolean counts) {
        return settle(new Outcome.Retry(wait, counts));
    }

    private Operation settle(Outcome outcome) {
        return new Operation.Settle(lease.handle(), outcome);
    }
}
