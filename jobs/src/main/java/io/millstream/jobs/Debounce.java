package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.Bytes;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.View;

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
            Page<View.RowView> page = look(draft.key());
            View.RowView row = rowOf(page, draft.key());
            Postponed before = row == null ? null : Postponed.from(row.value());
            Instant now = page.asOf();
            Instant due = now.plus(how.quiet());
            Postponed next;
            if (before == null) {
                next = new Postponed(draft.id(), due, now.plus(how.most()), draft);
            } else {
                due = due.isBefore(before.last()) ? due : before.last();
                next = new Postponed(before.job(), due, before.last(), draft);
            }
            List<Operation> operations = new ArrayList<>();
            operations.add(write(draft.key(), next.toBytes(), row));
            if (before == null || due.isBefore(before.due())) {
                operations.add(token(draft.key(), next.job(), Duration.between(now, due)));
            }
            if (isDone(operations)) {
                return new Accepted(next.job(), null, before != null);
            }
        }
    }

    /// Sees to one that may be due. Blocks.
    ///
    /// @param lease of its message
    /// @param now the backend's clock
    void look(Lease lease, Instant now) {
        String key = lease.message().body().utf8();
        View.RowView row = rowOf(look(key), key);
        Postponed job = row == null ? null : Postponed.from(row.value());
        if (row == null || job == null || !job.job().equals(lease.message().id())) {
            isDone(List.of(settle(lease, Outcome.done())));
        } else if (now.isBefore(job.due())) {
            again(lease, Duration.between(now, job.due()));
        } else {
            submit(lease, key, row, job);
        }
    }

    private void submit(Lease lease, String key, View.RowView row, Postponed job) {
        try {
            boolean isDone =
                    isDone(
                            List.of(
                                    settle(lease, Outcome.done()),
                                    write(key, null, row),
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

    /// Nothing if there is none, or if it is not one of ours, which is then written over.
    static View.@Nullable RowView rowOf(Page<View.RowView> page, String key) {
        return page.items().isEmpty() || !page.items().getFirst().key().equals(key)
                ? null
                : page.items().getFirst();
    }

    Page<View.RowView> look(String key) {
        return Answer.of(backend.find(new Query.Rows(Envelope.DEBOUNCED_ROWS, key, null, 1)))
                .page();
    }

    static Operation write(String key, @Nullable Bytes value, View.@Nullable RowView before) {
        return new Operation.Write(
                Envelope.DEBOUNCED_ROWS,
                key,
                value,
                before == null ? Expect.Nothing.NOTHING : new Expect.Version(before.version()),
                null);
    }

    static Operation token(String key, String job, Duration delay) {
        return new Operation.Put(
                Envelope.DEBOUNCED, Message.builder(key).id(job).delay(delay).build());
    }

    private static Operation settle(Lease lease, Outcome outcome) {
        return new Operation.Settle(lease.handle(), outcome, Operation.Stale.REFUSE);
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
