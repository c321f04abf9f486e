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
    record Told(ChannelName topic, Bytes body) {}

    /// What these entries do that is to be told. They are about to be applied, in this order, and
    /// none has been: what a queue was called that they remove is still known.
    List<Told> of(List<Entry> entries) {
        if (tellers.isEmpty() && !defineTellers(entries)) {
            return List.of();
        }
        Narration narration = new Narration(state);
        entries.forEach(narration::add);
        return narration.told();
    }

    private static boolean defineTellers(List<Entry> entries) {
        for (Entry entry : entries) {
            if (entry instanceof Entry.QueueDefined defined
                    && defined.definition().lifecycle() != null) {
                return true;
            }
        }
        return false;
    }

    /// How many bytes of the open frame all that is to be told takes, with this.
    int bytesWith(List<Told> more) {
        long bytes = openBytes;
        int topics = open.size();
        for (Told told : more) {
            bytes += RECORD_BYTES + told.body.length();
            topics += open.containsKey(told.topic) ? 0 : 1;
        }
        return Math.toIntExact(bytes + (long) topics * BATCH_BYTES);
    }

    /// These entries are about to be applied, and this is what they do.
    void add(List<Entry> entries, List<Told> more) {
        for (Told told : more) {
            open.computeIfAbsent(told.topic, _ -> new ArrayList<>()).add(Message.of(told.body));
            openBytes += RECORD_BYTES + told.body.length();
        }
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.QueueDefined defined ->
                        noteTeller(defined.channel(), defined.definition());
                case Entry.QueueRemoved removed -> tellers.remove(removed.channel());
                default -> {}
            }
        }
    }

    /// What is to be appended before the frame ends; it is not open any more.
    List<Entry.Appended> take() {
        if (open.isEmpty()) {
            return List.of();
        }
        List<Entry.Appended> appended = new ArrayList<>();
        open.forEach((name, messages) -> {
            // A topic that is gone went after the queues that told it anything.
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
