package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;
import io.millstream.engine.topic.TopicState;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Tells whoever waits for something what entries have changed. The loop's own.
final class Aftermath {
    private final State state;
    private final Dispatcher dispatcher;
    private final Watchers watchers;
    private final Readers readers;
    private final TopicRetention topicRetention;

    /// What has been defined since stranded messages were looked at; all that there is at first.
    private final Set<ChannelName> defined = new HashSet<>();

    private boolean allDefined = true;

    Aftermath(
            State state,
            Dispatcher dispatcher,
            Watchers watchers,
            Readers readers,
            TopicRetention topicRetention) {
        this.state = state;
        this.dispatcher = dispatcher;
        this.watchers = watchers;
        this.readers = readers;
        this.topicRetention = topicRetention;
    }

    /// What channels were that are about to be removed, by their numbers.
    record Removed(Map<Long, Definition> byChannel) {
        private static final Removed NONE = new Removed(Map.of());

        private Definition of(long channel) {
            Definition definition = byChannel.get(channel);
            if (definition == null) {
                throw new IllegalStateException("Nobody looked up channel " + channel);
            }
            return definition;
        }
    }

    /// What `entries` remove, looked up while it is still there.
    Removed removedBy(List<Entry> entries) {
        if (!removesAny(entries)) {
            return Removed.NONE;
        }
        Map<Long, Definition> definitions = new HashMap<>();
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.QueueDefined defined ->
                        definitions.put(defined.channel(), defined.definition());
                case Entry.TopicDefined defined ->
                        definitions.put(defined.channel(), defined.definition());
                case Entry.QueueRemoved removed -> {
                    QueueState queue = state.queue(removed.channel());
                    if (queue != null) {
                        definitions.put(removed.channel(), queue.definition());
                    }
                }
                case Entry.TopicRemoved removed -> {
                    TopicState topic = state.topics().topic(removed.channel());
                    if (topic != null) {
                        definitions.put(removed.channel(), topic.definition());
                    }
                }
                default -> {}
            }
        }
        return new Removed(definitions);
    }

    /// Asked for every commit, most of which remove nothing.
    private static boolean removesAny(List<Entry> entries) {
        for (Entry entry : entries) {
            if (entry instanceof Entry.QueueRemoved || entry instanceof Entry.TopicRemoved) {
                return true;
            }
        }
        return false;
    }

    /// These entries have been applied.
    void tell(List<Entry> entries, Removed removed) {
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.Put put -> dispatcher.touch(put.channel());
                case Entry.FannedOut fanned ->
                        fanned.slots().forEach(slot -> dispatcher.touch(slot.channel()));
                case Entry.OfRoute _ -> {}
                case Entry.Settled settled -> dispatcher.touch(settled.channel());
                case Entry.Returned returned -> dispatcher.touch(returned.channel());
                case Entry.Moved moved -> {
                    dispatcher.touch(moved.channel());
                    dispatcher.touch(moved.target());
                }
                case Entry.Transferred moved -> {
                    dispatcher.touch(moved.channel());
                    dispatcher.touch(moved.target());
                }
                case Entry.Replayed replayed -> dispatcher.touch(replayed.channel());
                case Entry.Dropped dropped -> dispatcher.touch(dropped.channel());
                case Entry.Stranded stranded -> dispatcher.touch(stranded.channel());
                case Entry.Expired expired -> dispatcher.touch(expired.channel());
                case Entry.Purged purged -> dispatcher.touch(purged.channel());
                case Entry.QueueDefined defined -> queueDefined(defined.channel());
                case Entry.QueueRemoved gone -> {
                    ChannelName name = removed.of(gone.channel()).name();
                    dispatcher.removed(gone.channel(), name);
                    watchers.removed(name);
                }
                case Entry.OfTopic ofTopic -> tell(ofTopic, removed);
                case Entry.Opened _, Entry.Restored _, Entry.Evacuated _, Entry.ArchiveBegun _ -> {}
                case Entry.Answered _ -> {}
                case Entry.RowWritten row -> watchers.written(row);
                case Entry.Taken _, Entry.Extended _ -> {}
            }
        }
    }

    private void tell(Entry.OfTopic entry, Removed removed) {
        switch (entry) {
            case Entry.Appended appended -> {
                readers.touch(appended.channel());
                topicRetention.touch(appended.channel(), appended.partition());
            }
            case Entry.TopicDefined defined -> topicDefined(defined.channel());
            case Entry.TopicRemoved gone -> {
                Definition definition = removed.of(gone.channel());
                readers.touch(gone.channel());
                if (definition instanceof Definition.Topic topic) {
                    topicRetention.removed(gone.channel(), topic.partitions());
                }
                watchers.removed(definition.name());
            }
            case Entry.Trimmed ignored -> {}
            case Entry.CursorMoved ignored -> {}
            case Entry.ExtentsMoved ignored -> {}
        }
    }

    private void queueDefined(long channel) {
        QueueState queue = state.queue(channel);
        if (queue != null) {
            watchers.defined(Finder.viewOf(queue));
            dispatcher.defined(queue);
            defined.add(queue.definition().name());
        }
    }

    private void topicDefined(long channel) {
        TopicState topic = state.topics().topic(channel);
        if (topic != null) {
            watchers.defined(Finder.viewOf(topic));
            topicRetention.touch(topic);
        }
    }

    /// Whether any queue has been defined since [#strandedRetried].
    boolean definitionsChanged() {
        return allDefined || !defined.isEmpty();
    }

    /// Whether the stranded messages of a queue may go on by what has been defined since: it, or
    /// the target of its dead letters.
    boolean concernsStranded(Definition.Queue queue) {
        return allDefined
                || defined.contains(queue.name())
                || (queue.deadLetter() != null && defined.contains(queue.deadLetter()));
    }

    /// Stranded messages have been looked at.
    void strandedRetried() {
        allDefined = false;
        defined.clear();
    }
}
