package io.millstream.engine.state;

import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the earlier operations of a commit will have done, so that later ones are decided as if
/// they had.
final class Tentative {
    private final State state;

    /// The only queue so far: most commits are about one, and need no maps for it.
    private @Nullable Target only;

    /// All queues if there are several.
    private Map<ChannelName, Target> queues = Map.of();

    private Map<Long, Target> byChannel = Map.of();
    private final Set<Place> ended = new HashSet<>();
    private Map<RowName, Long> rows = Map.of();
    private Map<Equal, Long> seen = Map.of();
    private long versions;
    private long channels;

    /// A queue as later operations see it.
    static final class Target {
        final long channel;
        Definition.Queue definition;
        long version;
        long end;
        boolean removed;
        boolean purged;

        /// How much is in it that is not leased, as [Capacity] counts.
        long waitingMessages;

        long waitingBytes;
        private @Nullable DropOrder toDrop;

        /// What this commit has put into it, in the order of sequences.
        final List<Own> own = new ArrayList<>(0);

        /// From which sequence on messages count: the first one, or the one after the last purge.
        private long counted = 1;

        private int gone;

        /// Whether it keeps what is settled as done, and whether all that it keeps, it does by this
        /// commit.
        boolean hasArchive;

        boolean isArchiveNew;

        /// The types that are to have a number by this commit though nothing depended on them.
        private Set<KeyHash> reservedTypes = Set.of();

        /// The types of what this commit has put or moved here, by sequence.
        private Map<Long, KeyHash> ownTypes = Map.of();

        Target(long channel, Definition.Queue definition, long version, long end) {
            this.channel = channel;
            this.definition = definition;
            this.version = version;
            this.end = end;
        }

        int reservedTypes() {
            return reservedTypes.size();
        }

        boolean isReserved(KeyHash type) {
            return reservedTypes.contains(type);
        }

        /// The next message has a type.
        ///
        /// @param hasNumber whether the type has a number in any case
        void comes(KeyHash type, boolean hasNumber) {
            if (ownTypes.isEmpty()) {
                ownTypes = new HashMap<>();
                reservedTypes = new HashSet<>();
            }
            ownTypes.put(end, type);
            if (!hasNumber) {
                reservedTypes.add(type);
            }
        }

        /// A message comes that stays.
        void put(Own message) {
            waitingMessages++;
            waitingBytes += message.bytes;
            own.add(message);
            if (toDrop != null) {
                toDrop.add(message);
            }
        }

        /// A message goes that was not leased.
        void letGo(long bytes) {
            waitingMessages--;
            waitingBytes -= bytes;
        }

        void purge() {
            purged = true;
            own.clear();
            toDrop = null;
            waitingMessages = 0;
            waitingBytes = 0;
            counted = end;
            gone = 0;
        }
    }

    /// A message that this commit has put or moved here.
    record Own(long sequence, int bytes, int priority, long delayMillis, @Nullable KeyHash group) {}

    private record Place(long channel, long sequence) {}

    private record Equal(long channel, KeyHash key) {}

    private record RowName(String table, String key) {}

    Tentative(State state) {
        this.state = state;
        this.versions = state.versions();
        this.channels = state.channels();
    }

    long nextVersion() {
        return ++versions;
    }

    long nextChannel() {
        return ++channels;
    }

    /// The queue of this name, or null.
    @Nullable Target queue(ChannelName name) {
        Target single = only;
        Target target =
                single != null && single.definition.name().equals(name) ? single : queues.get(name);
        if (target == null) {
            QueueState queue = state.queue(name);
            if (queue == null) {
                return null;
            }
            target = remember(queue);
        }
        return target.removed ? null : target;
    }

    /// The queue of this number, or null.
    @Nullable Target queue(long channel) {
        Target single = only;
        Target target =
                single != null && single.channel == channel ? single : byChannel.get(channel);
        if (target == null) {
            QueueState queue = state.queue(channel);
            if (queue == null) {
                return null;
            }
            target = remember(queue);
        }
        return target.removed ? null : target;
    }

    private Target remember(QueueState queue) {
        Target target =
                new Target(queue.channel(), queue.definition(), queue.version(), queue.end());
        target.waitingMessages = queue.size() - queue.leased();
        target.waitingBytes = queue.waitingBytes();
        target.hasArchive = queue.archive != null;
        return add(target);
    }

    private Target add(Target target) {
        Target single = only;
        if (single == null && byChannel.isEmpty()) {
            only = target;
            return target;
        }
        if (single != null) {
            only = null;
            queues = new HashMap<>();
            byChannel = new HashMap<>();
            queues.put(single.definition.name(), single);
            byChannel.put(single.channel, single);
        }
        queues.put(target.definition.name(), target);
        byChannel.put(target.channel, target);
        return target;
    }

    /// Why a message of a type cannot come into a queue, or null.
    @Nullable Refusal refusalOf(Target target, @Nullable String type) {
        return Typing.refusalOf(target, type, state.queue(target.channel), state.now());
    }

    /// The next message of a queue has this type.
    void comes(Target target, @Nullable String type) {
        if (type != null && target.definition.typed()) {
            QueueState queue = state.queue(target.channel);
            Typing.comes(target, Typing.keyOf(type, queue), queue, state.now());
        }
    }

    /// The next message of a queue comes from another one, and has the type that it had there if
    /// there is room for that.
    void comes(Target target, Target from, long sequence) {
        QueueState source = from.purged ? null : state.queue(from.channel);
        KeyHash type =
                source == null || sequence >= source.end()
                        ? from.ownTypes.get(sequence)
                        : source.lanes().members().typeKey(source.locate(sequence).mark());
        comes(target, type);
    }

    /// The same of a message that had this type.
    void comes(Target target, @Nullable KeyHash type) {
        if (type != null) {
            Typing.comes(target, type, state.queue(target.channel), state.now());
        }
    }

    /// The sequence of the message that is stored and equal as later operations see it, or 0.
    long seen(Target target, KeyHash equal) {
        Long here = seen.get(new Equal(target.channel, equal));
        if (here != null) {
            return here;
        }
        QueueState queue = state.queue(target.channel);
        return queue == null ? 0 : queue.equal().find(equal, state.now());
    }

    void see(Target target, KeyHash equal, long sequence) {
        if (seen.isEmpty()) {
            seen = new HashMap<>();
        }
        seen.put(new Equal(target.channel, equal), sequence);
    }

    /// The message that makes room next, or -1 if there is none: the one that would be handed out
    /// next, as far as the operations before left it.
    long nextToDrop(Target target) {
        DropOrder order = target.toDrop;
        if (order == null) {
            QueueState queue = state.queue(target.channel);
            order = new DropOrder(target.purged ? null : queue, target.definition, state.now());
            target.own.forEach(order::add);
            target.toDrop = order;
        }
        for (long next = order.next(); next >= 0; next = order.next()) {
            if (!ended.contains(new Place(target.channel, next))) {
                return next;
            }
        }
        return -1;
    }

    /// What [#nextToDrop] gave since the last message came in stays.
    void dropNothing(Target target) {
        target.toDrop = null;
    }

    /// A queue that tells this topic what happens to its messages, as later operations see it, or
    /// null. Looks at all queues.
    @Nullable ChannelName tellerOf(ChannelName topic) {
        for (QueueState queue = state.queueAfter(0);
                queue != null;
                queue = state.queueAfter(queue.channel())) {
            if (topic.equals(queue.definition().lifecycle())) {
                remember(queue.channel());
            }
        }
        Target single = only;
        Collection<Target> known = single == null ? byChannel.values() : List.of(single);
        for (Target target : known) {
            if (!target.removed && topic.equals(target.definition.lifecycle())) {
                return target.definition.name();
            }
        }
        return null;
    }

    private void remember(long channel) {
        var _ = queue(channel);
    }

    Target create(Definition.Queue definition, long version) {
        return add(new Target(nextChannel(), definition, version, 1));
    }

    /// The delivery of a message as later operations see it: null if it is gone, or was never
    /// handed out.
    @Nullable Delivery delivery(Target target, long sequence) {
        if (target.purged || ended.contains(new Place(target.channel, sequence))) {
            return null;
        }
        QueueState queue = state.queue(target.channel);
        return queue == null ? null : queue.delivery(sequence);
    }

    /// How much a message takes that is there or that this commit has put.
    int bytesOf(Target target, long sequence) {
        int own =
                Collections.binarySearch(
                        target.own,
                        new Own(sequence, 0, 0, 0, null),
                        Comparator.comparingLong(Own::sequence));
        if (own >= 0) {
            return target.own.get(own).bytes;
        }
        QueueState queue = state.queue(target.channel);
        return queue == null ? 0 : queue.locate(sequence).bytes();
    }

    /// Whether an operation has ended what a message was doing.
    boolean hasEnded(Target target, long sequence) {
        return ended.contains(new Place(target.channel, sequence));
    }

    /// Whether a message is there that was never handed out, as far as the log knows.
    boolean isWaitingAnew(Target target, long sequence) {
        QueueState queue = state.queue(target.channel);
        return !target.purged
                && queue != null
                && queue.delivery(sequence) == null
                && queue.holds(sequence);
    }

    /// An operation ends what the message was doing, by `entry`; none after it in this commit may
    /// touch it.
    void end(Target target, long sequence, Entry entry) {
        ended.add(new Place(target.channel, sequence));
        if (entry instanceof Entry.Settled
                || entry instanceof Entry.Moved
                || entry instanceof Entry.Dropped
                || entry instanceof Entry.Transferred) {
            target.gone++;
        }
    }

    /// How many messages a queue has as later operations see it.
    long size(Target target) {
        QueueState queue = state.queue(target.channel);
        if (queue == null || target.purged) {
            return target.end - target.counted - target.gone;
        }
        return queue.size() + target.end - queue.end() - target.gone;
    }

    /// The version of a row as later operations see it, or 0 if there is none.
    long rowVersion(String table, String key) {
        Long written = rows.get(new RowName(table, key));
        if (written != null) {
            return written;
        }
        Tables.Row row = state.tables().get(table, key);
        return row == null ? 0 : row.version();
    }

    void writeRow(String table, String key, long version) {
        if (rows.isEmpty()) {
            rows = new HashMap<>();
        }
        rows.put(new RowName(table, key), version);
    }
}
