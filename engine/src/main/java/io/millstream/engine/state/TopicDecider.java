package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.engine.topic.TopicState;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Decides what a commit does to topics, for its [Decider]. Each method returns why it is refused,
/// or null after adding its entry and its effect.
final class TopicDecider {
    /// How many named cursors a topic may have.
    static final int CURSORS_MAX = 10_000;

    private final State state;
    private final Tentative tentative;
    private final long messageBytesMax;
    private final List<Entry> entries;
    private final List<Effect> effects;
    private final Map<ChannelName, Target> targets = new HashMap<>();

    /// A topic as later operations of the commit see it.
    private static final class Target {
        final long channel;
        final @Nullable TopicState before;
        final Map<Integer, Long> ends = new HashMap<>();
        final Map<Keyed, Long> counted = new HashMap<>();
        final Set<String> cursors = new HashSet<>();
        Definition.Topic definition;
        long version;
        boolean removed;

        Target(long channel, @Nullable TopicState before, Definition.Topic definition) {
            this.channel = channel;
            this.before = before;
            this.definition = definition;
            this.version = before == null ? 0 : before.version();
        }

        private boolean had(int partition) {
            return before != null && partition < before.partitions().size();
        }

        long end(int partition) {
            long end =
                    before != null && had(partition) ? before.partitions().get(partition).end() : 0;
            return ends.getOrDefault(partition, end);
        }

        boolean hasHadRecords() {
            return IntStream.range(0, definition.partitions())
                    .anyMatch(partition -> end(partition) > 0);
        }

        long versionOf(int partition, Bytes key) {
            long earlier =
                    before != null && had(partition)
                            ? before.partitions().get(partition).versions().of(key)
                            : 0;
            return earlier + counted.getOrDefault(new Keyed(partition, key), 0L);
        }

        long keysOf(int partition) {
            int earlier =
                    before != null && had(partition)
                            ? before.partitions().get(partition).versions().size()
                            : 0;
            return earlier
                    + counted.keySet().stream()
                            .filter(keyed -> keyed.partition == partition && isNew(keyed))
                            .count();
        }

        private boolean isNew(Keyed keyed) {
            return before == null
                    || !had(keyed.partition)
                    || before.partitions().get(keyed.partition).versions().of(keyed.key) == 0;
        }
    }

    private record Keyed(int partition, Bytes key) {}

    TopicDecider(
            State state,
            Tentative tentative,
            long messageBytesMax,
            List<Entry> entries,
            List<Effect> effects) {
        this.state = state;
        this.tentative = tentative;
        this.messageBytesMax = messageBytesMax;
        this.entries = entries;
        this.effects = effects;
    }

    /// Whether there is a topic of this name.
    boolean has(ChannelName name) {
        return target(name) != null;
    }

    /// What is declared under this name, or null if there is no topic.
    Definition.@Nullable Topic definition(ChannelName name) {
        Target target = target(name);
        return target == null ? null : target.definition;
    }

    /// The version of what is declared, or 0 if there is no topic of this name.
    long versionOf(ChannelName name) {
        Target target = target(name);
        return target == null ? 0 : target.version;
    }

    private @Nullable Target target(ChannelName name) {
        Target target = targets.get(name);
        if (target == null) {
            TopicState topic = state.topics().topic(name);
            if (topic == null) {
                return null;
            }
            target = new Target(topic.channel(), topic, topic.definition());
            targets.put(name, target);
        }
        return target.removed ? null : target;
    }

    @Nullable Refusal define(Definition.Topic topic, Expect expect) {
        Target target = target(topic.name());
        long now = target == null ? 0 : target.version;
        if (!Decider.meets(expect, now)) {
            return new Refusal.Conflict("Topic " + topic.name(), now);
        }
        if (tentative.queue(topic.name()) != null) {
            return taken(topic.name(), "queue");
        }
        Refusal unfit = target == null ? null : unfit(target, topic);
        if (unfit != null) {
            return unfit;
        }
        long version = tentative.nextVersion();
        if (target == null) {
            target = new Target(tentative.nextChannel(), null, topic);
            targets.put(topic.name(), target);
        }
        target.definition = topic;
        target.version = version;
        entries.add(new Entry.TopicDefined(target.channel, version, topic));
        effects.add(new Effect.Changed(version));
        return null;
    }

    /// Why a topic cannot become what `next` says.
    ///
    /// A version is right only if all records of its key were counted, and in the one partition
    /// that appends to it look at. So counting neither begins nor ends once there have been
    /// records, and no key of a topic that counts may come to lie elsewhere.
    private static @Nullable Refusal unfit(Target target, Definition.Topic next) {
        Definition.Topic now = target.definition;
        boolean counts = now.versionedKeys() > 0;
        String why = null;
        if (next.partitions() < now.partitions()) {
            why =
                    "Topic %s has %d partitions and cannot shrink to %d."
                            .formatted(now.name(), now.partitions(), next.partitions());
        } else if (counts != next.versionedKeys() > 0 && target.hasHadRecords()) {
            why =
                    "Topic %s has had records and cannot %s to count its keys: their versions would"
                                    .formatted(now.name(), counts ? "cease" : "begin")
                            + " be wrong.";
        } else if (counts && next.partitions() > now.partitions() && target.hasHadRecords()) {
            why =
                    "Topic %s counts its keys, has had records and cannot grow from %d partitions"
                                    .formatted(now.name(), now.partitions())
                            + " to %d: keys would move and begin at version 0 again."
                                    .formatted(next.partitions());
        }
        return why == null
                ? null
                : new Refusal.Invalid(why + " Make another topic and copy what is needed.");
    }

    /// Why a queue cannot be declared so beside the topics that there are, or null.
    @Nullable Refusal refusalOf(Definition.Queue queue) {
        if (has(queue.name())) {
            return taken(queue.name(), "topic");
        }
        ChannelName lifecycle = queue.lifecycle();
        return lifecycle == null || has(lifecycle) ? null : new Refusal.NoSuchChannel(lifecycle);
    }

    /// Queues and topics share their names.
    private static Refusal taken(ChannelName name, String kind) {
        return new Refusal.Invalid(
                "%s is a %s already. Choose another name, or remove the %s first."
                        .formatted(name, kind, kind));
    }

    @Nullable Refusal remove(Operation.Remove remove) {
        Target target = target(remove.name());
        if (target == null) {
            return new Refusal.NoSuchChannel(remove.name());
        }
        if (!Decider.meets(remove.expect(), target.version)) {
            return new Refusal.Conflict("Topic " + remove.name(), target.version);
        }
        ChannelName teller = tentative.tellerOf(remove.name());
        if (teller != null) {
            return new Refusal.Invalid(
                    ("Topic %s is told what happens to the messages of queue %s. Declare that queue"
                                    + " with another lifecycle topic, or none, first.")
                            .formatted(remove.name(), teller));
        }
        target.removed = true;
        entries.add(new Entry.TopicRemoved(target.channel, tentative.nextVersion()));
        effects.add(Effect.Plain.PLAIN);
        return null;
    }

    @Nullable Refusal append(Operation.Append append, byte[] batch) {
        Target target = target(append.topic());
        if (target == null) {
            return new Refusal.NoSuchChannel(append.topic());
        }
        Refusal refusal = refusalOf(target, append);
        if (refusal != null) {
            return refusal;
        }
        int partition = append.partition();
        long first = target.end(partition);
        long end = first + append.messages().size();
        target.ends.put(partition, end);
        if (target.definition.versionedKeys() > 0) {
            for (Message message : append.messages()) {
                Bytes key = message.key();
                if (key != null) {
                    target.counted.merge(new Keyed(partition, key), 1L, Long::sum);
                }
            }
        }
        entries.add(new Entry.Appended(target.channel, partition, state.now(), first, batch));
        effects.add(new Effect.Appended(first, end - 1));
        return null;
    }

    private @Nullable Refusal refusalOf(Target target, Operation.Append append) {
        Refusal unknown = unknownPartition(target, append.partition());
        if (unknown != null) {
            return unknown;
        }
        for (Message message : append.messages()) {
            long bytes = PreparedCommit.bytesOf(message);
            if (bytes > messageBytesMax) {
                return new Refusal.TooLarge("A message", bytes, messageBytesMax);
            }
        }
        Long expected = append.expectedVersion();
        Refusal conflict = expected == null ? null : conflict(target, append, expected);
        return conflict != null ? conflict : tooManyKeys(target, append);
    }

    private static @Nullable Refusal unknownPartition(Target target, int partition) {
        int partitions = target.definition.partitions();
        return partition >= 0 && partition < partitions
                ? null
                : new Refusal.Invalid(
                        "Topic %s has no partition %d, but 0 to %d."
                                .formatted(target.definition.name(), partition, partitions - 1));
    }

    private static @Nullable Refusal conflict(
            Target target, Operation.Append append, long expected) {
        ChannelName name = target.definition.name();
        Bytes key = append.messages().getFirst().key();
        if (target.definition.versionedKeys() == 0) {
            return new Refusal.Invalid(
                    "Topic %s counts no keys, so nothing can be expected of one. Define it with"
                                    .formatted(name)
                            + " versionedKeys.");
        }
        if (key == null) {
            return new Refusal.Invalid(
                    "A message without a key has no version to expect. Give the first one a key.");
        }
        long actual = target.versionOf(append.partition(), key);
        return actual == expected
                ? null
                : new Refusal.Conflict(
                        "Key %s in partition %d of topic %s"
                                .formatted(key.utf8(), append.partition(), name),
                        actual);
    }

    private static @Nullable Refusal tooManyKeys(Target target, Operation.Append append) {
        int limit = target.definition.versionedKeys();
        if (limit == 0) {
            return null;
        }
        Set<Bytes> more = new HashSet<>();
        for (Message message : append.messages()) {
            Bytes key = message.key();
            if (key != null && target.versionOf(append.partition(), key) == 0) {
                more.add(key);
            }
        }
        return more.isEmpty() || target.keysOf(append.partition()) + more.size() <= limit
                ? null
                : new Refusal.IsFull(
                        target.definition.name(),
                        "%d versioned keys in partition %d".formatted(limit, append.partition()));
    }

    @Nullable Refusal moveCursor(Operation.MoveCursor move) {
        Target target = target(move.topic());
        if (target == null) {
            return new Refusal.NoSuchChannel(move.topic());
        }
        Refusal unknown = unknownPartition(target, move.partition());
        if (unknown != null) {
            return unknown;
        }
        TopicState before = target.before;
        boolean known = before != null && before.cursors().containsKey(move.cursor());
        int cursors = before == null ? 0 : before.cursors().size();
        if (move.offset() != Operation.MoveCursor.FORGET && !known) {
            target.cursors.add(move.cursor());
        }
        if (cursors + target.cursors.size() > CURSORS_MAX) {
            return new Refusal.IsFull(move.topic(), CURSORS_MAX + " cursors");
        }
        if (move.offset() > target.end(move.partition())) {
            return new Refusal.Invalid(
                    "Partition %d of topic %s ends at %d; a cursor cannot be at %d."
                            .formatted(
                                    move.partition(),
                                    move.topic(),
                                    target.end(move.partition()),
                                    move.offset()));
        }
        entries.add(
                new Entry.CursorMoved(
                        target.channel, move.partition(), move.cursor(), move.offset()));
        effects.add(Effect.Plain.PLAIN);
        return null;
    }
}
