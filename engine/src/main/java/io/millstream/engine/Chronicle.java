package io.millstream.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.engine.batch.BatchWriter;
import io.millstream.engine.batch.RecordBatch;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.TopicState;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the open frame does to messages of queues that have a [Definition.Queue#lifecycle], until
/// it is appended to their topics at the frame's end: one batch for each topic, however many
/// messages, since each batch costs an entry of the log and perhaps one of an index. The loop's
/// own.
final class Chronicle {
    /// What a record takes beside its body, at most.
    private static final int RECORD_BYTES = 64;

    /// What a batch takes beside its records, at most, with its entry.
    private static final int BATCH_BYTES = RecordBatch.HEADER_BYTES + 64;

    /// What telling one step takes, at most: all its texts as long as they may be and escaped.
    private static final int STEP_BYTES_MAX = 20 << 10;

    private final State state;
    private final Map<ChannelName, List<Message>> open = new LinkedHashMap<>();
    private final Set<Long> tellers = new HashSet<>();
    private long openBytes;

    Chronicle(State state) {
        this.state = state;
        for (QueueState queue = state.queueAfter(0);
                queue != null;
                queue = state.queueAfter(queue.channel())) {
            noteTeller(queue.channel(), queue.definition());
        }
    }

    private void noteTeller(long channel, Definition.Queue definition) {
        if (definition.lifecycle() == null) {
            tellers.remove(channel);
        } else {
            tellers.add(channel);
        }
    }

    /// Something to be told.
    ///
    /// @param topic to whom
    /// @param body in what words
    record Told(ChannelName topic, Bytes body) {
        /// What it takes in its frame, at most.
        int bytes() {
            return RECORD_BYTES + body.length();
        }
    }

    /// What these entries do that is to be told. They are about to be applied, in this order, and
    /// none has been: what a queue was called that they remove is still known.
    List<Told> of(List<Entry> entries) {
        if (!mayTell(entries)) {
            return List.of();
        }
        Narration narration = new Narration(state, tellers, Long.MAX_VALUE);
        narration.addAll(entries);
        return narration.told();
    }

    /// More than it can take to tell what these entries do, without a look at what that is.
    static long mostBytesOf(List<Entry> entries) {
        long steps = 0;
        for (Entry entry : entries) {
            steps +=
                    switch (entry) {
                        case Entry.FannedOut fanned -> fanned.slots().size();
                        case Entry.Taken taken -> 2L * taken.sequences().length;
                        case Entry.Expired expired -> expired.ranges().size();
                        case Entry.BetweenQueues _ -> 2;
                        default -> 1;
                    };
        }
        return steps * (STEP_BYTES_MAX + BATCH_BYTES);
    }

    /// How many bytes it takes to tell what these entries do, or something above `bytesMax` if it
    /// is more than that.
    long bytesOf(List<Entry> entries, long bytesMax) {
        if (!mayTell(entries)) {
            return 0;
        }
        Narration narration = new Narration(state, tellers, bytesMax);
        narration.addAll(entries);
        Set<ChannelName> topics = new HashSet<>();
        long bytes = 0;
        for (Told told : narration.told()) {
            topics.add(told.topic);
            bytes += told.bytes();
        }
        return bytes + (long) topics.size() * BATCH_BYTES;
    }

    private boolean mayTell(List<Entry> entries) {
        if (!tellers.isEmpty()) {
            return true;
        }
        for (Entry entry : entries) {
            if (entry instanceof Entry.QueueDefined defined
                    && defined.definition().lifecycle() != null) {
                return true;
            }
        }
        return false;
    }

    /// How many bytes of the open frame all that is to be told takes, with this.
    long bytesWith(List<Told> more) {
        long bytes = openBytes;
        int topics = open.size();
        Set<ChannelName> others = more.isEmpty() ? Set.of() : new HashSet<>();
        for (Told told : more) {
            bytes += told.bytes();
            if (!open.containsKey(told.topic)) {
                others.add(told.topic);
            }
        }
        return bytes + (long) (topics + others.size()) * BATCH_BYTES;
    }

    /// These entries are about to be applied, and this is what they do.
    void add(List<Entry> entries, List<Told> more) {
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.QueueDefined defined ->
                        noteTeller(defined.channel(), defined.definition());
                case Entry.QueueRemoved removed -> tellers.remove(removed.channel());
                case Entry.TopicRemoved removed -> forget(removed.channel());
                default -> {}
            }
        }
        for (Told told : more) {
            open.computeIfAbsent(told.topic, _ -> new ArrayList<>()).add(Message.of(told.body));
            openBytes += told.bytes();
        }
    }

    /// What a topic was to be told goes with it: there may be another one of its name by the end of
    /// the frame.
    private void forget(long channel) {
        TopicState topic = state.topics().topic(channel);
        if (topic != null) {
            open.remove(topic.definition().name());
        }
    }

    /// What is to be appended before the frame ends; it is not open any more.
    List<Entry.Appended> take() {
        if (open.isEmpty()) {
            return List.of();
        }
        List<Entry.Appended> appended = new ArrayList<>();
        open.forEach((name, messages) -> {
            // One that is gone went after all queues that named it.
            TopicState topic = state.topics().topic(name);
            if (topic != null) {
                long end = topic.partitions().getFirst().end();
                byte[] batch = BatchWriter.write(messages, state.now());
                appended.add(new Entry.Appended(topic.channel(), 0, state.now(), end, batch));
            }
        });
        open.clear();
        openBytes = 0;
        return appended;
    }
}
