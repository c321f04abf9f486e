package io.millstream.testkit.memory;

import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Longest;
import io.millstream.api.Operation;
import io.millstream.api.Operation.Write;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Does commits: each operation in turn, and all taken back if one is refused. Guarded by the
/// backend's lock.
final class Commits {

    /// The largest message, key and headers included.
    static final long MESSAGE_BYTES_MAX = 16L * 1024 * 1024;

    /// What became of one operation.
    sealed interface Step {

        /// It is done.
        ///
        /// @param effect what it did
        record Did(Effect effect) implements Step {}

        /// It cannot be done.
        ///
        /// @param why the reason
        record Refused(Refusal why) implements Step {}

        static Step did(Effect effect) {
            return new Did(effect);
        }

        static Step refused(Refusal why) {
            return new Refused(why);
        }
    }

    private final Store store;
    private final Settling settling;
    private final TopicCommits topics;
    private final Puts puts;
    private final Moves moves;
    private final RouteCommits routes;

    Commits(Store store) {
        this.store = store;
        this.settling = new Settling(store);
        this.topics = new TopicCommits(store);
        this.puts = new Puts(store);
        this.moves = new Moves(store);
        this.routes = new RouteCommits(store, puts, topics);
    }

    List<Receipt> commit(List<Commit> commits) {
        return commits.stream().map(this::commit).toList();
    }

    private Receipt commit(Commit commit) {
        CommitId id = commit.id();
        return id == null ? decide(commit) : store.senders().once(id, () -> decide(commit));
    }

    private Receipt decide(Commit commit) {
        Instant now = store.now().wall();
        for (int i = 0; i < commit.operations().size(); i++) {
            Optional<Refusal> tooLong = Longest.CENTURY.refusalOf(commit.operations().get(i));
            if (tooLong.isPresent()) return new Receipt.Refused(now, i, tooLong.get());
        }
        boolean limited =
                commit.operations().stream().noneMatch(Operation.Settle.class::isInstance);
        List<Effect> effects = new ArrayList<>();
        for (Operation operation : commit.operations()) {
            switch (step(operation, limited)) {
                case Step.Did(Effect effect) -> effects.add(effect);
                case Step.Refused(Refusal why) -> {
                    store.refused();
                    return new Receipt.Refused(now, effects.size(), why);
                }
            }
        }
        store.committed();
        return new Receipt.Committed(now, effects);
    }

    private Step step(Operation operation, boolean limited) {
        return switch (operation) {
            case Operation.Define(Definition definition, Expect expect) ->
                    define(definition, expect);
            case Operation.Remove(ChannelName name, Expect expect) -> remove(name, expect);
            case Operation.Put put -> puts.put(put, limited);
            case Write write -> write(write);
            case Operation.Settle settle -> settling.settle(settle);
            case Operation.Extend extend -> settling.extend(extend);
            case Operation.Check check -> settling.check(check);
            case Operation.CheckDefinition(ChannelName name, Expect expect) -> check(name, expect);
            case Operation.Edit.Purge purge -> moves.purge(purge);
            case Operation.Edit.Drop drop -> moves.drop(drop);
            case Operation.Edit.Move move -> moves.move(move);
            case Operation.Edit.Replay replay -> moves.replay(replay);
            case Operation.Append append -> topics.append(append);
            case Operation.MoveCursor move -> topics.moveCursor(move);
            case Operation.Publish publish -> routes.publish(publish, limited);
            case Operation.Unbind unbind -> routes.unbind(unbind);
            case Operation.RemoveExchange remove -> routes.remove(remove);
        };
    }

    // Queues.

    private Step define(Definition definition, Expect expect) {
        return switch (definition) {
            case Definition.Queue queue -> defineQueue(queue, expect);
            case Definition.Topic topic -> topics.define(topic, expect);
            case Definition.Exchange exchange -> routes.define(exchange, expect);
            case Definition.Binding binding -> routes.define(binding, expect);
        };
    }

    private Step defineQueue(Definition.Queue definition, Expect expect) {
        ChannelName name = definition.name();
        if (name.equals(definition.deadLetter())) {
            return Step.refused(
                    new Refusal.Invalid(
                            name
                                    + " would dead-letter into itself. Name another queue, or none"
                                    + " to drop dead messages."));
        }
        MemoryQueue queue = store.queue(name);
        Refusal conflict = conflict(expect, name.toString(), version(queue));
        if (conflict != null) return Step.refused(conflict);
        if (store.topic(name) != null) {
            return Step.refused(new Refusal.Invalid(name + " is a topic already."));
        }
        ChannelName lifecycle = definition.lifecycle();
        if (lifecycle != null && store.topic(lifecycle) == null) {
            return Step.refused(new Refusal.NoSuchChannel(lifecycle));
        }
        if (queue != null && definition.typed()) {
            Refusal untold = queue.refusalOfTyped();
            if (untold != null) return Step.refused(untold);
        }
        long version = store.next();
        var declared = new MemoryQueue.Declared(definition, version, store.now().wall());
        if (queue == null) {
            store.add(new MemoryQueue(store, declared));
        } else {
            queue.declare(declared);
        }
        store.afterCommit(() -> announce(name));
        return Step.did(new Effect.Changed(version));
    }

    /// A queue is new or different: it may be what stuck messages have waited for, and it is
    /// watched.
    private void announce(ChannelName name) {
        MemoryQueue queue = store.queue(name);
        if (queue == null) return;
        store.queues().forEach(MemoryQueue::retryStuck);
        queue.consumers().used();
        queue.consumers().endRefusedTakes();
        store.touched(queue);
        store.tellWatches(new Change.Defined(queue.view()));
    }

    private Step remove(ChannelName name, Expect expect) {
        MemoryTopic topic = store.topic(name);
        if (topic != null) return topics.remove(topic, expect);
        MemoryQueue queue = store.queue(name);
        if (queue == null) return Step.refused(new Refusal.NoSuchChannel(name));
        Refusal conflict = conflict(expect, name.toString(), version(queue));
        if (conflict != null) return Step.refused(conflict);
        store.remove(queue);
        store.afterCommit(() -> {
            queue.consumers().end();
            store.tellWatches(new Change.Removed(name));
        });
        return Step.did(Effect.Plain.PLAIN);
    }

    private Step check(ChannelName name, Expect expect) {
        MemoryTopic topic = store.topic(name);
        long version = topic == null ? version(store.queue(name)) : topic.declared().version();
        Refusal conflict = conflict(expect, name.toString(), version);
        return conflict == null ? Step.did(Effect.Plain.PLAIN) : Step.refused(conflict);
    }

    private static long version(@Nullable MemoryQueue queue) {
        return queue == null ? 0 : queue.declared().version();
    }

    /// What stands against `expect` if `what` is at `version`, 0 being absent; null if nothing
    /// does.
    static @Nullable Refusal conflict(Expect expect, String what, long version) {
        boolean met =
                switch (expect) {
                    case Expect.Anything _ -> true;
                    case Expect.Nothing _ -> version == 0;
                    case Expect.Version(long expected) -> version != 0 && version == expected;
                };
        return met ? null : new Refusal.Conflict(what, version);
    }

    // Rows.

    private Step write(Write write) {
        String what = write.table() + "/" + write.key();
        if (write.value() != null && write.value().length() > Rows.VALUE_BYTES_MAX) {
            return Step.refused(
                    new Refusal.TooLarge(
                            "Row " + what, write.value().length(), Rows.VALUE_BYTES_MAX));
        }
        Rows.Row row = store.rows().get(write.table(), write.key());
        Refusal conflict = conflict(write.expect(), what, row == null ? 0 : row.version());
        if (conflict != null) return Step.refused(conflict);
        if (row == null && write.value() == null) return Step.did(Effect.Plain.PLAIN);
        long version = store.next();
        Rows.Row next =
                write.value() == null
                        ? null
                        : new Rows.Row(write.value(), version, write.expiresAt());
        store.rows().set(write.table(), write.key(), next);
        Change change =
                next == null
                        ? new Change.RowRemoved(write.key())
                        : new Change.RowChanged(Rows.view(write.key(), next));
        store.afterCommit(() -> store.tellRowWatches(write.table(), write.key(), change));
        return Step.did(new Effect.Changed(version));
    }
}
