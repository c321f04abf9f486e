package io.millstream.testkit.memory;

import io.millstream.api.Bytes;
import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.testkit.memory.Commits.Step;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.Set;

/// The operations on topics. Guarded by the backend's lock.
final class TopicCommits {
    private static final int CURSORS_MAX = 10_000;

    private final Store store;

    TopicCommits(Store store) {
        this.store = store;
    }

    Step define(Definition.Topic definition, Expect expect) {
        ChannelName name = definition.name();
        MemoryTopic topic = store.topic(name);
        Refusal conflict =
                Commits.conflict(
                        expect, name.toString(), topic == null ? 0 : topic.declared().version());
        if (conflict != null) return Step.refused(conflict);
        if (store.queue(name) != null) {
            return Step.refused(new Refusal.Invalid(name + " is a queue already."));
        }
        String unfit = topic == null ? null : unfit(topic, definition);
        if (unfit != null) return Step.refused(new Refusal.Invalid(name + unfit));
        long version = store.next();
        var declared = new MemoryTopic.Declared(definition, version, store.now().wall());
        if (topic == null) {
            store.add(new MemoryTopic(store, declared));
        } else {
            topic.declare(declared);
        }
        store.afterCommit(() -> announce(name));
        return Step.did(new Effect.Changed(version));
    }

    /// What a topic cannot do, though `next` says so.
    private static @Nullable String unfit(MemoryTopic topic, Definition.Topic next) {
        Definition.Topic now = topic.declared().definition();
        if (next.partitions() < now.partitions()) return " cannot lose partitions.";
        if (!topic.hasHadRecords()) return null;
        boolean counts = now.versionedKeys() > 0;
        if (counts != next.versionedKeys() > 0) {
            return " has had records and cannot begin or cease to count its keys.";
        }
        return counts && next.partitions() > now.partitions()
                ? " counts its keys, has had records and cannot grow."
                : null;
    }

    private void announce(ChannelName name) {
        MemoryTopic topic = store.topic(name);
        if (topic != null) store.tellWatches(new Change.Defined(topic.view()));
    }

    Step remove(MemoryTopic topic, Expect expect) {
        Refusal conflict =
                Commits.conflict(expect, topic.name().toString(), topic.declared().version());
        if (conflict != null) return Step.refused(conflict);
        for (MemoryQueue queue : store.queues()) {
            if (topic.name().equals(queue.declared().definition().lifecycle())) {
                return Step.refused(
                        new Refusal.Invalid(
                                topic.name() + " is the lifecycle of " + queue.name() + "."));
            }
        }
        store.remove(topic);
        store.afterCommit(() -> {
            topic.serve();
            store.tellWatches(new Change.Removed(topic.name()));
        });
        return Step.did(Effect.Plain.PLAIN);
    }

    Step append(Operation.Append append) {
        MemoryTopic topic = store.topic(append.topic());
        if (topic == null) return Step.refused(new Refusal.NoSuchChannel(append.topic()));
        if (!topic.has(append.partition())) return Step.refused(noPartition(topic));
        for (Message message : append.messages()) {
            long bytes = Entry.bytes(message);
            if (bytes > Commits.MESSAGE_BYTES_MAX) {
                return Step.refused(
                        new Refusal.TooLarge("A message", bytes, Commits.MESSAGE_BYTES_MAX));
            }
        }
        Refusal refusal = versionRefusal(topic, append);
        if (refusal != null) return Step.refused(refusal);
        long first = topic.append(append.partition(), append.messages());
        store.afterCommit(topic::serve);
        return Step.did(new Effect.Appended(first, first + append.messages().size() - 1));
    }

    private static Refusal noPartition(MemoryTopic topic) {
        return new Refusal.Invalid(
                topic.name()
                        + " has "
                        + topic.declared().definition().partitions()
                        + " partitions, counted from 0.");
    }

    private static @Nullable Refusal versionRefusal(MemoryTopic topic, Operation.Append append) {
        int limit = topic.declared().definition().versionedKeys();
        Long expected = append.expectedVersion();
        Bytes key = append.messages().getFirst().key();
        if (expected != null && (limit == 0 || key == null)) {
            return new Refusal.Invalid(
                    "Nothing can be expected: no keys are counted, or none is given.");
        }
        if (expected != null && key != null) {
            long actual = topic.versionOf(append.partition(), key);
            if (actual != expected) return new Refusal.Conflict("Key " + key.utf8(), actual);
        }
        if (limit == 0) return null;
        Set<Bytes> fresh = new HashSet<>();
        for (Message message : append.messages()) {
            Bytes one = message.key();
            if (one != null && topic.versionOf(append.partition(), one) == 0) fresh.add(one);
        }
        return !fresh.isEmpty() && topic.keys(append.partition()) + fresh.size() > limit
                ? new Refusal.IsFull(topic.name(), limit + " versioned keys")
                : null;
    }

    Step moveCursor(Operation.MoveCursor move) {
        MemoryTopic topic = store.topic(move.topic());
        if (topic == null) return Step.refused(new Refusal.NoSuchChannel(move.topic()));
        if (!topic.has(move.partition())) return Step.refused(noPartition(topic));
        if (move.offset() == Operation.MoveCursor.FORGET) {
            topic.forgetCursor(move.cursor());
            return Step.did(Effect.Plain.PLAIN);
        }
        if (move.offset() > topic.end(move.partition())) {
            return Step.refused(new Refusal.Invalid("A cursor cannot be beyond the end."));
        }
        if (!topic.hasCursor(move.cursor()) && topic.cursorCount() >= CURSORS_MAX) {
            return Step.refused(new Refusal.IsFull(move.topic(), CURSORS_MAX + " cursors"));
        }
        topic.moveCursor(move.cursor(), move.partition(), move.offset());
        return Step.did(Effect.Plain.PLAIN);
    }
}
