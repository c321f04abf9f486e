package io.millstream.testkit.postgres;

import io.millstream.api.ChannelName;
import io.millstream.api.Via;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// How a lease ends, and what becomes of its message.
final class Ends {

    /// The most that one transaction gives back; the next one goes on.
    private static final int ROWS_MAX = 1000;

    private static final String FREE =
            "UPDATE message SET epoch = NULL, number = NULL, until = NULL, session = NULL,"
                    + " attempts = ?";

    /// Why a message lies where it is and may go nowhere.
    ///
    /// @param cause what kind of end that was
    /// @param reason in words
    record Stuck(Via.Cause cause, String reason) {}

    private final Tx tx;

    Ends(Tx tx) {
        this.tx = tx;
    }

    // By time, by session, by node.

    /// Ends the leases whose time is over; other nodes do the same.
    void expire() throws SQLException {
        giveBackAll("WHERE until <= ? ORDER BY channel, sequence LIMIT " + ROWS_MAX, tx.now());
    }

    void closeSession(long session) throws SQLException {
        giveBackAll("WHERE session = ? ORDER BY channel, sequence", session);
    }

    void closeNode() throws SQLException {
        giveBackAll(
                "WHERE session IS NOT NULL AND epoch = ? ORDER BY channel, sequence", tx.epoch());
    }

    /// Gives back what the sessions of nodes hold that live no more: each holds a lock as long as
    /// its connection stands, and PostgreSQL lets go of it when that breaks.
    void buryNodes() throws SQLException {
        for (int epoch : nodes()) {
            if (epoch == tx.epoch()) continue;
            long gone =
                    tx.one(
                            "SELECT CASE WHEN pg_try_advisory_xact_lock(?, ?) THEN 1 ELSE 0 END",
                            Schema.ALIVE,
                            epoch);
            if (gone == 0) continue;
            giveBackAll(
                    "WHERE session IS NOT NULL AND epoch = ? ORDER BY channel, sequence", epoch);
            tx.update("DELETE FROM node WHERE epoch = ?", epoch);
        }
    }

    private List<Integer> nodes() throws SQLException {
        List<Integer> epochs = new ArrayList<>();
        try (PreparedStatement statement = tx.prepare("SELECT epoch FROM node");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) epochs.add(row.getInt(1));
        }
        return epochs;
    }

    private void giveBackAll(String where, Object value) throws SQLException {
        for (Leased message : rows(where + " FOR UPDATE SKIP LOCKED", value)) {
            QueueRow queue = tx.queue(message.queue());
            if (queue != null) again(queue, message, Duration.ZERO, true);
        }
    }

    List<Leased> rows(String where, Object... values) throws SQLException {
        List<Leased> rows = new ArrayList<>();
        try (PreparedStatement statement = tx.prepare(Leased.COLUMNS + where, values);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) rows.add(Leased.of(row));
        }
        return rows;
    }

    // One by one.

    /// Again: in its old place, or behind all that waits when `wait` has passed.
    ///
    /// @return where it went instead, because its attempts are used up, or null
    ChannelName again(QueueRow queue, Leased message, Duration wait, boolean counts)
            throws SQLException {
        int most = queue.definition().maxAttempts();
        if (counts && most > 0 && message.attempts() >= most) {
            return usedUp(queue, message);
        }
        int attempts = counts ? message.attempts() : message.attempts() - 1;
        if (wait.isZero()) {
            tx.update(
                    FREE + " WHERE channel = ? AND sequence = ?",
                    attempts,
                    queue.id(),
                    message.sequence());
        } else {
            long due = tx.now() + Durations.millis(wait);
            tx.update(
                    FREE
                            + ", due = ?, place = ?, stored_there = false WHERE channel = ? AND"
                            + " sequence = ?",
                    attempts,
                    due,
                    due,
                    queue.id(),
                    message.sequence());
        }
        over(queue, message);
        return null;
    }

    ChannelName usedUp(QueueRow queue, Leased message) throws SQLException {
        String reason =
                "attempts used up: %d of %d"
                        .formatted(message.attempts(), queue.definition().maxAttempts());
        return die(queue, message, new Stuck(Via.Cause.ATTEMPTS, reason));
    }

    void finish(QueueRow queue, Leased message) throws SQLException {
        delete(queue, message);
        tx.count(queue.id(), Tally.DONE);
    }

    void drop(QueueRow queue, Leased message) throws SQLException {
        delete(queue, message);
        tx.count(queue.id(), Tally.DEAD);
    }

    private void delete(QueueRow queue, Leased message) throws SQLException {
        tx.update(
                "DELETE FROM message WHERE channel = ? AND sequence = ?",
                queue.id(),
                message.sequence());
        over(queue, message);
    }

    private void over(QueueRow queue, Leased message) throws SQLException {
        if (message.isLeased()) tx.ended(message.epoch(), message.number());
        tx.touch(queue.name());
    }

    /// To the queue's target; it stays, and is not handed out, while that one is missing.
    ///
    /// @return where it went, or null
    ChannelName die(QueueRow queue, Leased message, Stuck why) throws SQLException {
        ChannelName target = queue.definition().deadLetter();
        if (target == null) {
            drop(queue, message);
            return null;
        }
        QueueRow grave = tx.locked(target);
        if (grave == null) {
            tx.update(
                    FREE + ", stuck = ?, due = NULL WHERE channel = ? AND sequence = ?",
                    message.attempts(),
                    Pickle.write(why),
                    queue.id(),
                    message.sequence());
            over(queue, message);
            return null;
        }
        drop(queue, message);
        QueueRow next = grave.withNext(tx.now());
        tx.put(next);
        tx.count(next.id(), Tally.STORED);
        tx.insert(arrival(next, queue.name(), message, why));
        tx.touch(target);
        return target;
    }

    private Arrival arrival(QueueRow grave, ChannelName from, Leased message, Stuck why) {
        Via via = Deaths.after(message.cameBy(), from, why.cause(), why.reason(), tx.wall());
        return new Arrival(
                grave.id(),
                grave.sequence(),
                grave.place(),
                null,
                message.stored(),
                message.delivered(),
                message.deliveries(),
                Arrival.story(via),
                message.size(),
                message.body());
    }

    /// Something was defined, which may be what stuck messages have waited for.
    void retryStuck() throws SQLException {
        for (Leased message :
                rows("WHERE stuck IS NOT NULL ORDER BY channel, sequence FOR UPDATE")) {
            QueueRow queue = tx.queue(message.queue());
            if (queue == null) continue;
            Stuck why = Pickle.read(Stuck.class, message.stuck());
            int most = queue.definition().maxAttempts();
            if (why.cause() == Via.Cause.ATTEMPTS && (most == 0 || message.attempts() < most)) {
                tx.update(
                        "UPDATE message SET stuck = NULL WHERE channel = ? AND sequence = ?",
                        queue.id(),
                        message.sequence());
                tx.touch(queue.name());
            } else {
                die(queue, message, why);
            }
        }
    }
}
