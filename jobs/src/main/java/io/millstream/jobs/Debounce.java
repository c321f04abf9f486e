package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.Commit;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Jobs that are put off as long as they are submitted again.
///
/// Each is a row with all of it and its time, and a message in an internal queue that comes due at
/// that time or before. Who submits it again writes the row and nothing else. Whoever gets the
/// message looks at the row: if its time has come, one commit removes the row, puts the job into
/// its queue and settles the message; if not, the message waits on; and if there is no row, or it
/// is another job's, there is nothing to do. So a job that was replaced is never done, and one that
/// is due is done once, whatever dies in between.
final class Debounce {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final Duration REFUSED_PAUSE = Duration.ofSeconds(5);

    private final Backend backend;

    private final Committing committing;

    /// Commits, and throws what is refused.
    private interface Committing {
        void commit(Operation... operations);
    }

    /// For those who submit.
    Debounce(Millstream millstream) {
        this.backend = millstream.backend();
        this.committing = millstream::commit;
    }

    /// For those who work.
    Debounce(Backend backend, Session session) {
        this.backend = backend;
        this.committing =
                operations -> {
                    Receipt receipt = Answer.of(session.commit(Commit.of(operations)));
                    if (receipt instanceof Receipt.Refused refused) {
                        throw new RefusedException(refused.refusal());
                    }
                };
    }

    /// Submits it, or replaces the one that waits. Blocks until it is on disk.
    Accepted submit(Draft draft, Unique.Scope.Debounced how) {
        while (true) {
            Proposed proposed = propose(draft, how, look(draft.key()));
            if (isDone(proposed.operations)) {
                return proposed.accepted;
            }
        }
    }

    /// What submits a job, if its row is as it was looked at.
    ///
    /// @param operations all of which happen, or none
    /// @param accepted what becomes of it by them
    record Proposed(List<Operation> operations, Accepted accepted) {}

    /// What submits it, or replaces the one that waits.
    static Proposed propose(Draft draft, Unique.Scope.Debounced how, RowLook look) {
        Postponed before = waitingIn(look);
        Instant now = look.asOf();
        Instant due = now.plus(how.quiet());
        Postponed next;
        if (before == null) {
            next = new Postponed(draft.id(), due, now.plus(how.most()), draft);
        } else {
            due = due.isBefore(before.last()) ? due : before.last();
            next = new Postponed(before.job(), due, before.last(), draft);
        }
        List<Operation> operations = new ArrayList<>();
        operations.add(write(draft.key(), next.toBytes(), look));
        if (before == null || due.isBefore(before.due())) {
            operations.add(token(draft.key(), next.job(), Duration.between(now, due)));
        }
        return new Proposed(operations, new Accepted(next.job(), null, before != null));
    }

    /// Sees to one that may be due. Blocks.
    ///
    /// @param lease of its message
    /// @param now the backend's clock
    void look(Lease lease, Instant now) {
        String key = lease.message().body().utf8();
        RowLook look = look(key);
        Postponed job = waitingIn(look);
        if (job == null || !job.job().equals(lease.message().id())) {
            isDone(List.of(settle(lease, Outcome.done())));
        } else if (now.isBefore(job.due())) {
            again(lease, Duration.between(now, job.due()));
        } else {
            submit(lease, key, look, job);
        }
    }

    private void submit(Lease lease, String key, RowLook look, Postponed job) {
        try {
            boolean isDone =
                    isDone(
                            List.of(
                                    settle(lease, Outcome.done()),
                                    write(key, null, look),
                                    new Operation.Put(job.queue(), job.message())));
            if (!isDone) {
                // It was submitted again in this moment.
                again(lease, Duration.ZERO);
            }
        } catch (RefusedException refused) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "Job %s is due and cannot be put into %s: %s It is tried again."
                            .formatted(job.job(), job.queue(), refused.getMessage()));
            again(lease, REFUSED_PAUSE);
        }
    }

    private void again(Lease lease, Duration wait) {
        isDone(List.of(settle(lease, new Outcome.Retry(wait, false))));
    }

    /// The job that waits, or null if none does, or the row is not one of ours, which is then
    /// written over.
    static @Nullable Postponed waitingIn(RowLook look) {
        return look.row() == null ? null : Postponed.from(look.row().value());
    }

    RowLook look(String key) {
        return look(backend, key);
    }

    static RowLook look(Backend backend, String key) {
        return RowLook.at(backend, Envelope.DEBOUNCED_ROWS, key);
    }

    static Operation write(String key, @Nullable Bytes value, RowLook before) {
        return RowLook.write(Envelope.DEBOUNCED_ROWS, key, value, before.version(), null);
    }

    static Operation token(String key, String job, Duration delay) {
        return new Operation.Put(
                Envelope.DEBOUNCED, Message.builder(key).id(job).delay(delay).build());
    }

    private static Operation settle(Lease lease, Outcome outcome) {
        return new Operation.Settle(lease.handle(), outcome);
    }

    /// @return whether it was done; false if a row was another one, or the lease had ended
    private boolean isDone(List<Operation> operations) {
        try {
            committing.commit(operations.toArray(Operation[]::new));
            return true;
        } catch (RefusedException refused) {
            if (refused.refusal() instanceof Refusal.Conflict
                    || refused.refusal() instanceof Refusal.StaleFence) {
                return false;
            }
            throw refused;
        }
    }
}
