package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Cancels jobs, wherever they are. One commit does it: it drops the message if nobody has it, says
/// to whoever awaits the job how it ended, frees what it kept others out by, and marks it, so that
/// a worker that has it can commit nothing any more. It is refused if the job has ended before.
final class Canceller {
    private static final int TRIES_MAX = 100;
    private static final String REASON = "It was cancelled.";

    private final Millstream millstream;
    private final Results results;
    private final Search search;
    private final Claims claims;
    private final Debounce debounce;

    Canceller(Millstream millstream, Results results) {
        this.millstream = millstream;
        this.results = results;
        this.search = new Search(millstream.backend());
        this.claims = new Claims(millstream.backend());
        this.debounce = new Debounce(millstream);
    }

    /// Blocks until it is on disk.
    ///
    /// @param place where it was put, or null to look for it
    Cancellation cancel(String id, Accepted.@Nullable Place place) {
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            Results.Seen seen = results.look(id);
            if (seen.ending() != null && seen.isFinal()) {
                return new Cancellation.Ended(seen.ending().state());
            }
            Cancellation done =
                    place == null || seen.ending() != null
                            ? find(id, seen)
                            : perhaps(id, place, seen);
            if (done != null) {
                return done;
            }
        }
        throw new RefusedException(
                new Refusal.Busy(
                        "Job %s changes faster than it can be cancelled. Try again."
                                .formatted(id)));
    }

    private @Nullable Cancellation find(String id, Results.Seen before) {
        Search.Found found = search.find(id);
        if (found == null) {
            Results.Seen seen = results.look(id);
            return seen.ending() == null
                    ? new Cancellation.Unknown()
                    : new Cancellation.Ended(seen.ending().state());
        }
        if (found.queue().name().equals(Envelope.DEAD)) {
            return new Cancellation.Ended(JobState.DEAD);
        }
        Message message = found.message().message();
        return found.queue().name().equals(Envelope.DEBOUNCED)
                ? callOff(id, message.body().utf8(), before)
                : perhaps(
                        id,
                        Accepted.Place.of(
                                found.queue().name(), found.message().sequence(), message),
                        before);
    }

    /// One that is put off has no message of its own yet.
    ///
    /// @return null to look again
    private @Nullable Cancellation callOff(String id, String key, Results.Seen before) {
        View.RowView row = Debounce.rowOf(debounce.look(key), key);
        Postponed job = row == null ? null : Postponed.from(row.value());
        if (row == null || job == null || !job.job().equals(id)) {
            return null;
        }
        List<Operation> operations = new ArrayList<>();
        operations.add(Debounce.write(key, null, row));
        addResult(operations, id, Envelope.keepResult(job.message()), before);
        return commit(operations) == null ? null : new Cancellation.Cancelled(false);
    }

    /// @return null to look again
    private @Nullable Cancellation perhaps(String id, Accepted.Place place, Results.Seen before) {
        List<Operation> operations = new ArrayList<>();
        operations.add(new Operation.Edit.Drop(place.queue(), place.sequence()));
        operations.add(Cancels.mark(id));
        addResult(operations, id, place.keep(), before);
        if (place.claim() != null) {
            operations.addAll(claims.free(place.claim(), id));
        }
        List<Effect> effects = commit(operations);
        if (effects == null) {
            return null;
        }
        if (effects.getFirst() instanceof Effect.Edited(long messages) && messages > 0) {
            // If this is not done, the row of a run goes as after a purge.
            var _ = commit(List.of(Cancels.forget(id), Runs.end(id, Expect.Anything.ANYTHING)));
            return new Cancellation.Cancelled(false);
        }
        return confirmed(id, operations, effects);
    }

    private static void addResult(
            List<Operation> operations, String id, @Nullable Duration keep, Results.Seen before) {
        if (keep != null) {
            Ending ending = Ending.without(JobState.CANCELLED, REASON);
            operations.add(
                    new Operation.Write(
                            Envelope.RESULTS,
                            id,
                            ending.toBytes(),
                            before.version() == 0
                                    ? Expect.Nothing.NOTHING
                                    : new Expect.Version(before.version()),
                            before.asOf().plus(keep)));
        }
    }

    /// Nobody dropped the message: a worker has it, or had let go of it before. If it is there now,
    /// or its worker has seen the mark, it was there when it was marked.
    private Cancellation confirmed(String id, List<Operation> operations, List<Effect> effects) {
        Search.Found found = search.find(id);
        boolean isDead = found != null && found.queue().name().equals(Envelope.DEAD);
        if ((found != null && !isDead) || !isMarked(id, effects.get(1))) {
            return new Cancellation.Cancelled(true);
        }
        List<Operation> undo = new ArrayList<>();
        for (int i = 1; i < operations.size(); i++) {
            if (operations.get(i) instanceof Operation.Write write
                    && write.value() != null
                    && effects.get(i) instanceof Effect.Changed(long version)) {
                undo.add(
                        new Operation.Write(
                                write.table(),
                                write.key(),
                                null,
                                new Expect.Version(version),
                                null));
            }
        }
        // The mark first: if it is gone, a worker has seen it. An end that was written may be gone.
        if (commit(List.of(undo.removeFirst())) == null) {
            return new Cancellation.Cancelled(true);
        }
        undo.forEach(one -> commit(List.of(one)));
        return isDead ? new Cancellation.Ended(JobState.DEAD) : new Cancellation.Unknown();
    }

    private boolean isMarked(String id, Effect mark) {
        Page<View.RowView> page =
                Answer.of(millstream.backend().find(new Query.Rows(Cancels.TABLE, id, null, 1)))
                        .page();
        return mark instanceof Effect.Changed(long version)
                && page.items().stream()
                        .anyMatch(row -> row.key().equals(id) && row.version() == version);
    }

    /// @return null if a row was another one
    private @Nullable List<Effect> commit(List<Operation> operations) {
        return Unchanged.commit(millstream, operations.toArray(Operation[]::new));
    }
}
