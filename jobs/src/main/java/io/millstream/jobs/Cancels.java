package io.millstream.jobs;

import io.millstream.api.Change;
import io.millstream.api.Expect;
import io.millstream.api.Interest;
import io.millstream.api.Operation;
import io.millstream.api.Session;
import io.millstream.api.View;
import io.millstream.api.Watch;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Which jobs are cancelled while a worker has them: a row for each, from the commit that cancels
/// it to the one by which its worker lets go of it. Whatever a worker commits about a job expects
/// that there is no such row. So one commit decides whether a job was cancelled or ended before.
final class Cancels implements AutoCloseable {
    static final String TABLE = "jobs.cancelled";

    private static final long BEGIN_SECONDS = 5;

    private final Session session;
    private final Collection<Execution> running;
    private final Set<String> cancelled = ConcurrentHashMap.newKeySet();
    private final CountDownLatch begun = new CountDownLatch(1);
    private @Nullable Watch watch;

    /// @param running what is told
    Cancels(Session session, Collection<Execution> running) {
        this.session = session;
        this.running = running;
    }

    /// The job is cancelled.
    static Operation mark(String id) {
        return new Operation.Write(
                TABLE, id, Json.bytes(Json.newObject()), Expect.Anything.ANYTHING, null);
    }

    /// Refuses the commit if the job is cancelled.
    static Operation isNot(String id) {
        return new Operation.Write(TABLE, id, null, Expect.Nothing.NOTHING, null);
    }

    /// Nobody has the job any more.
    static Operation forget(String id) {
        return new Operation.Write(TABLE, id, null, Expect.Anything.ANYTHING, null);
    }

    /// Knows from then on which are cancelled. Blocks for the first look.
    void start() {
        watch = session.watch(new Interest.Rows(TABLE, ""), this::changed);
        try {
            // A store that does not answer is noticed by who takes jobs.
            var _ = begun.await(BEGIN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void changed(Change change) {
        switch (change) {
            case Change.RowSnapshot snapshot -> {
                // Not the first one, if the store is elsewhere and the connection was lost.
                Set<String> all =
                        snapshot.rows().stream().map(View.RowView::key).collect(Collectors.toSet());
                cancelled.retainAll(all);
                all.forEach(this::cancel);
                begun.countDown();
            }
            case Change.RowChanged(View.RowView row) -> cancel(row.key());
            case Change.RowRemoved(String key) -> cancelled.remove(key);
            // Its workers learn it when they commit.
            case Change.Refused _ -> begun.countDown();
            case Change.Pressure _, Change.Defined _, Change.Removed _, Change.Snapshot _ -> {}
        }
    }

    private void cancel(String id) {
        cancelled.add(id);
        running.stream()
                .filter(execution -> execution.id().equals(id))
                .forEach(execution -> execution.hold().cancel());
    }

    boolean contains(String id) {
        return cancelled.contains(id);
    }

    @Override
    public void close() {
        Watch watching = watch;
        if (watching != null) {
            watching.close();
        }
    }
}
