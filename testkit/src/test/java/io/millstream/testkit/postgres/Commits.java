package io.millstream.testkit.postgres;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Longest;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Target;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Does commits, each all or nothing, inside one transaction.
final class Commits {

    static final long MESSAGE_BYTES_MAX = 16L * 1024 * 1024;

    /// An operation that was refused.
    static final class No extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Refusal refusal;

        No(Refusal refusal) {
            super(refusal.text(), null, false, false);
            this.refusal = refusal;
        }
    }

    private final Tx tx;
    private final Ends ends;
    private final Settling settling;
    private final Cells cells;
    private final Routes routes;
    private final Definitions told;
    private List<Definitions.News> news = new ArrayList<>();

    Commits(Tx tx, Definitions told) {
        this.tx = tx;
        this.ends = new Ends(tx);
        this.settling = new Settling(tx, ends);
        this.cells = new Cells(tx);
        this.routes = new Routes(tx);
        this.told = told;
    }

    /// The queues that these will lock.
    static Set<ChannelName> lockedBy(List<Commit> commits) {
        Set<ChannelName> names = new HashSet<>();
        for (Commit commit : commits) {
            for (Operation operation : commit.operations()) {
                switch (operation) {
                    case Operation.Put put -> names.add(put.queue());
                    case Operation.Define(Definition.Queue queue, _) -> names.add(queue.name());
                    case Operation.Remove remove -> names.add(remove.name());
                    case Operation.CheckDefinition check -> names.add(check.name());
                    default -> {}
                }
            }
        }
        return names;
    }

    Receipt commit(Commit commit) throws SQLException {
        tx.begin();
        news = new ArrayList<>();
        List<Effect> effects = new ArrayList<>();
        try {
            Feature lacking = Lacks.of(commit);
            if (lacking != null) throw new No(Lacks.refusal(lacking));
            for (Operation operation : commit.operations()) effects.add(effect(operation));
        } catch (No no) {
            tx.refuse();
            return new Receipt.Refused(tx.wall(), effects.size(), no.refusal);
        }
        if (!news.isEmpty()) {
            tx.changing();
            ends.retryStuck();
            tx.one("SELECT count(pg_notify('millstream', 'defined ' || ?))", tx.epoch());
            told.tell(tx, news);
        }
        tx.accept();
        return new Receipt.Committed(tx.wall(), effects);
    }

    private Effect effect(Operation operation) throws SQLException, No {
        Feature lacking = Lacks.of(operation);
        if (lacking != null) throw new No(Lacks.refusal(lacking));
        Optional<Refusal> tooLong = Longest.CENTURY.refusalOf(operation);
        if (tooLong.isPresent()) throw new No(tooLong.get());
        return switch (operation) {
            case Operation.Define(Definition.Queue queue, Expect expect) -> define(queue, expect);
            case Operation.Define(Definition.Exchange exchange, Expect expect) ->
                    routes.define(exchange, expect);
            case Operation.Define(Definition.Binding binding, Expect expect) ->
                    routes.define(binding, expect);
            case Operation.Unbind unbind -> routes.unbind(unbind);
            case Operation.RemoveExchange remove -> routes.remove(remove);
            case Operation.Publish publish -> routes.publish(publish, this::put);
            case Operation.Remove(ChannelName name, Expect expect) -> remove(name, expect);
            case Operation.CheckDefinition(ChannelName name, Expect expect) -> {
                QueueRow queue = tx.locked(name);
                expect(expect, name.toString(), queue == null ? 0 : queue.version());
                yield Effect.Plain.PLAIN;
            }
            case Operation.Put put -> put(put);
            case Operation.Write write -> cells.write(write);
            case Operation.Settle settle -> settling.settle(settle);
            case Operation.Extend extend -> settling.extend(extend);
            case Operation.Check check -> settling.check(check);
            case Operation.Edit.Purge purge -> purge(purge);
            case Operation.Edit.Drop drop -> drop(drop);
            default -> throw new IllegalStateException("Not refused: " + operation);
        };
    }

    static void expect(Expect expect, String what, long version) throws No {
        boolean met =
                switch (expect) {
                    case Expect.Anything _ -> true;
                    case Expect.Nothing _ -> version == 0;
                    case Expect.Version(long expected) -> version != 0 && version == expected;
                };
        if (!met) throw new No(new Refusal.Conflict(what, version));
    }

    private Effect define(Definition.Queue definition, Expect expect) throws SQLException, No {
        ChannelName name = definition.name();
        if (name.equals(definition.deadLetter())) {
            throw new No(
                    new Refusal.Invalid(name + " would dead-letter into itself. Name another."));
        }
        QueueRow queue = tx.locked(name);
        expect(expect, name.toString(), queue == null ? 0 : queue.version());
        tx.changing();
        long version = tx.nextNumber();
        byte[] bytes = Pickle.write(definition);
        if (queue == null) {
            tx.update(
                    "INSERT INTO channel VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)",
                    version,
                    Tx.utf8(name.host()),
                    Tx.utf8(name.name()),
                    bytes,
                    version,
                    tx.now(),
                    tx.now());
            tx.put(new QueueRow(version, definition, version, tx.now(), tx.now(), 0, 0));
        } else {
            tx.update(
                    "UPDATE channel SET definition = ?, version = ?, modified = ? WHERE id = ?",
                    bytes,
                    version,
                    tx.now(),
                    queue.id());
            tx.put(queue.declared(definition, version, tx.now()));
        }
        tx.touch(name);
        news.add(new Definitions.News(name, false));
        return new Effect.Changed(version);
    }

    private Effect remove(ChannelName name, Expect expect) throws SQLException, No {
        QueueRow queue = tx.locked(name);
        if (queue == null) throw new No(new Refusal.NoSuchChannel(name));
        expect(expect, name.toString(), queue.version());
        tx.changing();
        clear(queue);
        tx.update("DELETE FROM tally WHERE channel = ?", queue.id());
        tx.update("DELETE FROM channel WHERE id = ?", queue.id());
        routes.removeTarget(new Target.Channel(name));
        tx.gone(name);
        tx.touch(name);
        news.add(new Definitions.News(name, true));
        return Effect.Plain.PLAIN;
    }

    private Effect put(Operation.Put put) throws SQLException, No {
        long size = Arrival.size(put.message());
        String what = "The message for " + put.queue();
        if (size > MESSAGE_BYTES_MAX) {
            throw new No(new Refusal.TooLarge(what, size, MESSAGE_BYTES_MAX));
        }
        QueueRow queue = tx.locked(put.queue());
        if (queue == null) throw new No(new Refusal.NoSuchChannel(put.queue()));
        long most = queue.definition().messageBytesMax();
        if (most > 0 && size > most) throw new No(new Refusal.TooLarge(what, size, most));
        QueueRow next = queue.withNext(tx.now());
        tx.put(next);
        tx.count(next.id(), Tally.STORED);
        tx.insert(Arrival.put(next, put.message(), tx.now()));
        tx.touch(put.queue());
        return new Effect.Stored(next.sequence());
    }

    private Effect purge(Operation.Edit.Purge purge) throws SQLException, No {
        QueueRow queue = tx.queue(purge.queue());
        if (queue == null) throw new No(new Refusal.NoSuchChannel(purge.queue()));
        tx.changing();
        tx.touch(purge.queue());
        return new Effect.Edited(clear(queue));
    }

    /// Deletes all that is in the queue.
    private long clear(QueueRow queue) throws SQLException {
        String sql = "DELETE FROM message WHERE channel = ? RETURNING epoch, number";
        long messages = 0;
        try (PreparedStatement statement = tx.prepare(sql, queue.id());
                ResultSet row = statement.executeQuery()) {
            for (; row.next(); messages++) tx.ended(row.getInt(1), row.getLong(2));
        }
        return messages;
    }

    private Effect drop(Operation.Edit.Drop drop) throws SQLException, No {
        QueueRow queue = tx.queue(drop.queue());
        if (queue == null) throw new No(new Refusal.NoSuchChannel(drop.queue()));
        tx.changing();
        List<Leased> found =
                ends.rows(
                        "WHERE channel = ? AND sequence = ? AND number IS NULL FOR UPDATE",
                        queue.id(),
                        drop.sequence());
        if (found.isEmpty() && drop.ifHeld() == Operation.Edit.IfHeld.REFUSE) {
            throw new No(drop.refusal());
        }
        for (Leased message : found) ends.drop(queue, message);
        return new Effect.Edited(found.size());
    }
}
