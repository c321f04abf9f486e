package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Change;
import io.millstream.api.Expect;
import io.millstream.api.Interest;
import io.millstream.api.Operation;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.View;
import io.millstream.api.Watch;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// How jobs ended, for those who await it: one row for each that somebody may ask for, written in
/// the commit that ends the job, and gone when its time has passed.
///
/// Who awaits looks once, and is told of changes from before that look on: nobody polls.
final class Results {
    private static final String SAME = "same";

    private final Backend backend;
    private final Session session;
    private final String prefix;
    private final Map<String, List<Waiter>> awaited = new ConcurrentHashMap<>();
    private @Nullable Watching own;

    /// Somebody who awaits a job.
    private static final class Waiter {
        private final CompletableFuture<Ending> ending = new CompletableFuture<>();
        private final AtomicBoolean awaitsAnother = new AtomicBoolean();

        /// Once; what comes of the other job comes of this one.
        void await(Results results, String other) {
            if (awaitsAnother.compareAndSet(false, true)) {
                CompletableFuture<Ending> its = results.await(other);
                var _ =
                        its.whenComplete((end, failure) -> {
                            if (failure == null) {
                                ending.complete(end);
                            } else {
                                ending.completeExceptionally(causeOf(failure));
                            }
                        });
                var _ = ending.whenComplete((_, _) -> its.cancel(false));
            }
        }
    }

    /// What is told about rows, from when its first snapshot has come.
    private final class Watching {
        private final CompletableFuture<Void> begun = new CompletableFuture<>();
        private final Watch watch;

        Watching(String prefix) {
            this.watch = session.watch(new Interest.Rows(Envelope.RESULTS, prefix), this::changed);
        }

        private void changed(Change change) {
            switch (change) {
                case Change.RowSnapshot(List<View.RowView> rows) -> {
                    rows.forEach(Results.this::tell);
                    begun.complete(null);
                }
                case Change.RowChanged(View.RowView row) -> tell(row);
                case Change.Refused refused ->
                        begun.completeExceptionally(new RefusedException(refused.refusal()));
                default -> {
                    // A result that is gone tells nobody anything.
                }
            }
        }
    }

    /// @param prefix of the ids that are watched all at once; others are watched one by one
    Results(Backend backend, Session session, String prefix) {
        this.backend = backend;
        this.session = session;
        this.prefix = prefix;
    }

    /// That a job has ended.
    static Operation.Write write(String id, Ending ending, Instant expiresAt) {
        return new Operation.Write(
                Envelope.RESULTS, id, ending.toBytes(), Expect.Anything.ANYTHING, expiresAt);
    }

    /// That a job was taken for another one when it was submitted, as those are told who know it by
    /// an id of its own: `{"same":…}`.
    static Operation.Write same(String id, String other, Instant expiresAt) {
        return new Operation.Write(
                Envelope.RESULTS,
                id,
                Json.bytes(Json.newObject().put(SAME, other)),
                Expect.Anything.ANYTHING,
                expiresAt);
    }

    private static @Nullable String sameAs(View.@Nullable RowView row) {
        if (row == null) {
            return null;
        }
        try {
            String other = JobJson.optional(Json.object(row.value()), SAME);
            return row.key().equals(other) ? null : other;
        } catch (Json.Unreadable _) {
            return null;
        }
    }

    /// What a look at a result has seen.
    ///
    /// @param sameAs which job it was taken for, or null if it is itself
    /// @param ending how the job ended, or null if it has not, or that is not kept
    /// @param version of the row, or 0 if there is none
    /// @param asOf the backend's clock
    record Seen(@Nullable String sameAs, @Nullable Ending ending, long version, Instant asOf) {

        /// Whether the job has ended for good: a dead one may be back in a queue.
        boolean isFinal() {
            return ending != null && ending.state() != JobState.DEAD;
        }
    }

    /// Looks once. Blocks.
    Seen look(String id) {
        RowLook look = RowLook.at(backend, Envelope.RESULTS, id);
        String sameAs = sameAs(look.row());
        Ending ending = look.row() == null || sameAs != null ? null : read(look.row());
        return new Seen(sameAs, ending, look.version(), look.asOf());
    }

    /// Completes when the job has ended, on a thread that may be blocked. To be cancelled by who
    /// does not want to know any more.
    CompletableFuture<Ending> await(String id) {
        Waiter waiter = new Waiter();
        awaited.compute(id, (_, others) -> with(others, waiter));
        boolean isOwn = id.startsWith(prefix);
        Watching watching = isOwn ? own() : new Watching(id);
        var _ =
                waiter.ending.whenComplete((_, _) -> {
                    awaited.computeIfPresent(id, (_, all) -> without(all, waiter));
                    if (!isOwn) {
                        watching.watch.close();
                    }
                });
        var _ =
                watching.begun
                        .thenCompose(_ -> RowLook.ask(backend, Envelope.RESULTS, id))
                        .whenComplete((look, failure) -> {
                            if (failure == null) {
                                Optional.ofNullable(look.row()).ifPresent(this::tell);
                            } else {
                                waiter.ending.completeExceptionally(causeOf(failure));
                            }
                        });
        return waiter.ending;
    }

    private synchronized Watching own() {
        Watching known = own;
        if (known == null) {
            known = new Watching(prefix);
            own = known;
        }
        return known;
    }

    private static List<Waiter> with(@Nullable List<Waiter> others, Waiter waiter) {
        List<Waiter> all = others == null ? new ArrayList<>(1) : new ArrayList<>(others);
        all.add(waiter);
        return all;
    }

    private static @Nullable List<Waiter> without(List<Waiter> all, Waiter waiter) {
        List<Waiter> rest = new ArrayList<>(all);
        rest.remove(waiter);
        return rest.isEmpty() ? null : rest;
    }

    private void tell(View.RowView row) {
        List<Waiter> waiting = awaited.get(row.key());
        if (waiting == null) {
            return;
        }
        String other = sameAs(row);
        for (Waiter waiter : waiting) {
            if (other != null) {
                Thread.startVirtualThread(() -> waiter.await(this, other));
                continue;
            }
            var _ = waiter.ending.completeAsync(() -> read(row), Thread::startVirtualThread);
        }
    }

    private static Ending read(View.RowView row) {
        try {
            return Ending.from(row.value());
        } catch (Json.Unreadable unreadable) {
            return Ending.without(
                    JobState.DONE, "Its result cannot be read: " + unreadable.getMessage());
        }
    }

    private static Throwable causeOf(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
