package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Lifecycle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Cancels jobs, wherever they are. One commit does it: it drops the message, which is refused if
/// somebody has it, says to whoever awaits the job how it ended, and frees what it kept others out
/// by. If a worker has it, the commit marks the job instead of dropping it, so that the worker can
/// commit nothing any more.
final class Canceller {
    private static final int TRIES_MAX = 100;
    static final String REASON = "It was cancelled.";

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
            if (seen.sameAs() != null) {
                return cancel(seen.sameAs(), null);
            }
            if (seen.ending() != null && seen.isFinal()) {
                return new Cancellation.Ended(seen.ending().state());
            }
            Cancellation done =
                    tries > 0 || place == null || seen.ending() != null
                            ? find(id, seen)
                            : drop(id, place, seen);
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
        if (found.queue().name().equals(Envelope.DEBOUNCED)) {
            return callOff(id, message.body().utf8(), before);
        }
        Accepted.Place place =
                Accepted.Place.of(found.queue().name(), found.message().sequence(), message);
        return found.message().state() == View.MessageState.LEASED
                ? mark(id, place, before)
                : drop(id, place, before);
    }

    /// One that is put off has no message of its own yet.
    ///
    /// @return null to look again
    private @Nullable Cancellation callOff(String id, String key, Results.Seen before) {
        RowLook look = debounce.look(key);
        Postponed job = Debounce.waitingIn(look);
        if (job == null || !job.job().equals(id)) {
            return null;
        }
        List<Operation> operations = new ArrayList<>();
        operations.add(Debounce.write(key, null, look));
        addResult(operations, id, job.queue(), Envelope.keepResult(job.message()), before);
        return Unchanged.commit(millstream, operations) == null
                ? null
                : new Cancellation.Cancelled(false);
    }

    /// @return null to look again: somebody has it, or it is not there
    private @Nullable Cancellation drop(String id, Accepted.Place place, Results.Seen before) {
        List<Operation> operations = new ArrayList<>();
        operations.add(
                new Operation.Edit.Drop(
                        place.queue(), place.sequence(), Operation.Edit.IfHeld.REFUSE));
        operations.add(Cancels.forget(id));
        operations.add(Runs.end(id, Expect.Anything.ANYTHING));
        addEnd(operations, id, place, before);
        try {
            return commitAndTell(operations, place) == null
                    ? null
                    : new Cancellation.Cancelled(false);
        } catch (RefusedException gone) {
            if (gone.refusal() instanceof Refusal.NoSuchChannel) {
                return null;
            }
            throw gone;
        }
    }

    /// The store tells that a message was dropped; that it was cancelled is told here, unless that
    /// is refused.
    private @Nullable List<Effect> commitAndTell(List<Operation> operations, Accepted.Place place) {
        Operation told = tell(place);
        if (told != null) {
            List<Operation> all = new ArrayList<>();
            all.add(told);
            all.addAll(operations);
            try {
                return Unchanged.commit(millstream, all);
            } catch (RefusedException _) {
                // For this or for another reason: without it, it is seen which.
            }
        }
        return Unchanged.commit(millstream, operations);
    }

    private @Nullable Operation tell(Accepted.Place at) {
        View.QueueView queue =
                Answer.of(millstream.backend().find(new Query.QueueNamed(at.queue())))
                        .page()
                        .items()
                        .stream()
                        .findFirst()
                        .orElse(null);
        ChannelName topic = queue == null ? null : queue.definition().lifecycle();
        if (queue == null || topic == null) {
            return null;
        }
        Lifecycle.Life life = new Lifecycle.Life(at.queue(), queue.incarnation());
        Lifecycle.Place place = new Lifecycle.Place(life, at.sequence());
        return Teller.append(
                topic, List.of(new Lifecycle.Ended(place, 0, JobState.CANCELLED.word(), REASON)));
    }

    /// @return null to look again
    private @Nullable Cancellation mark(String id, Accepted.Place place, Results.Seen before) {
        List<Operation> operations = new ArrayList<>();
        operations.add(Cancels.mark(id));
        addEnd(operations, id, place, before);
        List<Effect> effects = Unchanged.commit(millstream, operations);
        return effects == null ? null : confirmed(id, operations, effects);
    }

    private void addEnd(
            List<Operation> operations, String id, Accepted.Place place, Results.Seen before) {
        addResult(operations, id, place.queue(), place.keep(), before);
        if (place.claim() != null) {
            operations.addAll(claims.free(place.claim(), id));
        }
    }

    private static void addResult(
            List<Operation> operations,
            String id,
            ChannelName queue,
            @Nullable Duration keep,
            Results.Seen before) {
        if (keep != null) {
            Ending ending = Ending.without(JobState.CANCELLED, REASON).in(queue);
            operations.add(
                    RowLook.write(
                            Envelope.RESULTS,
                            id,
                            ending.toBytes(),
                            before.version(),
                            before.asOf().plus(keep)));
        }
    }

    /// Its worker may have let go of it before it was marked. If it is there now, or its worker has
    /// seen the mark, it was there when it was marked.
    private Cancellation confirmed(String id, List<Operation> operations, List<Effect> effects) {
        Search.Found found = search.find(id);
        boolean isDead = found != null && found.queue().name().equals(Envelope.DEAD);
        if ((found != null && !isDead) || !isMarked(id, effects.getFirst())) {
            return new Cancellation.Cancelled(true);
        }
        List<Operation> undo = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            if (operations.get(i) instanceof Operation.Write write
                    && write.value() != null
                    && effects.get(i) instanceof Effect.Changed(long version)) {
                undo.add(RowLook.write(write.table(), write.key(), null, version, null));
            }
        }
        // The mark first: if it is gone, a worker has seen it. An end that was written may be gone.
        if (Unchanged.commit(millstream, List.of(undo.removeFirst())) == null) {
            return new Cancellation.Cancelled(true);
        }
        undo.forEach(one -> Unchanged.commit(millstream, List.of(one)));
        return isDead ? new Cancellation.Ended(JobState.DEAD) : new Cancellation.Unknown();
    }

    private boolean isMarked(String id, Effect mark) {
        return mark instanceof Effect.Changed(long version)
                && RowLook.at(millstream.backend(), Cancels.TABLE, id).version() == version;
    }
}
