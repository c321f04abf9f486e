package io.millstream.jobs;

import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.jobs.outbox.Outbox;
import io.millstream.jobs.outbox.OutboxKey;
import io.millstream.jobs.outbox.OutboxRow;
import io.millstream.jobs.outbox.OutboxTable;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;

/// Enqueues jobs as part of a database's transaction: if it commits they are put into their queues,
/// each once; if it does not they never were. Between the two stands an [Outbox], a table of that
/// database, from which a [Relay] takes them.
///
/// ```java
/// try (Connection connection = dataSource.getConnection()) {
///     connection.setAutoCommit(false);
///     … write an order …
///     jobs.in(connection).enqueue(SEND_MAIL, new SendMail(42, "thanks"));
///     connection.commit();
/// }
/// ```
///
/// Only inserts rows: never commits, and does not ask the store, which may be away. Times count
/// from when a job is relayed: its delay, and what it is to start within. For use by one thread at
/// a time, as the connection.
public final class InTransaction {
    private final Jobs jobs;
    private final Connection connection;

    InTransaction(Jobs jobs, Connection connection) {
        this.jobs = jobs;
        this.connection = connection;
    }

    /// Enqueues a job. What this returns is that job once the transaction is committed, and may be
    /// awaited from then on. If it is unique, the relay finds out whether it is a duplicate: then
    /// what is awaited here is the first one, as long as its result is kept, see
    /// [JobOptions.Builder#awaited].
    ///
    /// @throws IllegalArgumentException if its payload cannot be written as a JSON object
    /// @throws IllegalStateException if the connection commits by itself
    /// @throws RefusedException if the payload is larger than the store takes
    public <P, R> JobRef<R> enqueue(JobType<P, R> type, P payload) throws SQLException {
        return enqueue(type, payload, UnaryOperator.identity());
    }

    /// As [#enqueue(JobType, Object)], to be done otherwise than its type says.
    ///
    /// @param change of the type's options
    public <P, R> JobRef<R> enqueue(
            JobType<P, R> type, P payload, UnaryOperator<JobOptions.Builder> change)
            throws SQLException {
        return enqueueAll(type, List.of(payload), change).getFirst();
    }

    /// Enqueues many jobs, which keep their order. As [#enqueue(JobType, Object)].
    public <P, R> List<JobRef<R>> enqueueAll(JobType<P, R> type, Collection<? extends P> payloads)
            throws SQLException {
        return enqueueAll(type, payloads, UnaryOperator.identity());
    }

    /// As [#enqueueAll(JobType, Collection)], to be done otherwise than their type says.
    ///
    /// @param change of the type's options
    public <P, R> List<JobRef<R>> enqueueAll(
            JobType<P, R> type,
            Collection<? extends P> payloads,
            UnaryOperator<JobOptions.Builder> change)
            throws SQLException {
        if (connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "The connection commits each statement by itself, so there is no transaction"
                            + " for a job to be part of. Call setAutoCommit(false), and commit when"
                            + " all of it is written.");
        }
        List<Draft> drafts = jobs.drafts(type, payloads, change);
        List<OutboxRow> rows = new ArrayList<>(drafts.size());
        for (Draft draft : drafts) {
            int bytes = draft.message().body().length();
            if (bytes > jobs.messageBytesMax()) {
                throw new RefusedException(
                        new Refusal.TooLarge(
                                "What a job of %s is given".formatted(type),
                                bytes,
                                jobs.messageBytesMax()));
            }
            rows.add(
                    new OutboxRow(
                            new OutboxKey(jobs.place(), draft.id()),
                            OutboxTable.shown(draft.queue().name()),
                            DraftJson.write(draft)));
        }
        new OutboxTable(connection).insert(rows);
        jobs.nudge();
        return drafts.stream().map(draft -> jobs.ref(type, draft.id())).toList();
    }
}
