package io.millstream.testkit.postgres;

import io.millstream.api.ChannelName;
import io.millstream.api.Handle;
import io.millstream.api.Operation;
import io.millstream.api.Operation.Stale;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Via;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/// What the holder of a lease may do with it.
final class Settling {

    private final Tx tx;
    private final Ends ends;

    Settling(Tx tx, Ends ends) {
        this.tx = tx;
        this.ends = ends;
    }

    Effect settle(Operation.Settle settle) throws SQLException, Commits.No {
        Handle handle = settle.handle();
        boolean accepts = settle.stale() == Stale.ACCEPT;
        if (accepts && !(settle.outcome() instanceof Outcome.Done)) {
            throw new Commits.No(
                    new Refusal.Invalid(
                            "Only done is taken from a lease that may have ended. Settle with the"
                                    + " rule REFUSE."));
        }
        QueueRow queue = tx.queue(handle.queue());
        if (accepts && queue != null && queue.id() != handle.incarnation()) {
            return new Effect.Settled(null);
        }
        queue = queueOf(handle);
        tx.changing();
        List<Leased> found = find(handle);
        Leased message = found.isEmpty() ? null : found.getFirst();
        if (!accepts && !isCurrent(message, handle)) throw stale(handle);
        if (message == null) return new Effect.Settled(null);
        ChannelName went =
                switch (settle.outcome()) {
                    case Outcome.Done _ -> {
                        ends.finish(queue, message);
                        yield null;
                    }
                    case Outcome.Dead(String reason) ->
                            ends.die(queue, message, new Ends.Stuck(Via.Cause.REJECTED, reason));
                    case Outcome.Retry retry ->
                            ends.again(queue, message, retry.after(), retry.counts());
                };
        return new Effect.Settled(went);
    }

    Effect extend(Operation.Extend extend) throws SQLException, Commits.No {
        Leased message = current(extend.handle());
        if (message.until() == null) {
            throw new Commits.No(
                    new Refusal.Invalid(
                            "The lease of message "
                                    + message.sequence()
                                    + " lasts as long as its session and needs no extension."));
        }
        long until = tx.now() + Durations.millis(extend.length());
        tx.update(
                "UPDATE message SET until = ? WHERE channel = ? AND sequence = ?",
                until,
                message.queue(),
                message.sequence());
        return new Effect.Extended(Instant.ofEpochMilli(until));
    }

    Effect check(Operation.Check check) throws SQLException, Commits.No {
        current(check.handle());
        return Effect.Plain.PLAIN;
    }

    private Leased current(Handle handle) throws SQLException, Commits.No {
        queueOf(handle);
        tx.changing();
        List<Leased> found = find(handle);
        Leased message = found.isEmpty() ? null : found.getFirst();
        if (!isCurrent(message, handle)) throw stale(handle);
        return message;
    }

    private QueueRow queueOf(Handle handle) throws SQLException, Commits.No {
        QueueRow queue = tx.queue(handle.queue());
        if (queue == null || queue.id() != handle.incarnation()) {
            throw new Commits.No(new Refusal.NoSuchChannel(handle.queue()));
        }
        return queue;
    }

    private List<Leased> find(Handle handle) throws SQLException {
        return ends.rows(
                "WHERE channel = ? AND sequence = ? FOR UPDATE",
                handle.incarnation(),
                handle.sequence());
    }

    private static boolean isCurrent(Leased message, Handle handle) {
        return message != null
                && message.isLeased()
                && message.epoch() == handle.fence().epoch()
                && message.number() == handle.fence().position();
    }

    private static Commits.No stale(Handle handle) {
        return new Commits.No(new Refusal.StaleFence(handle));
    }
}
