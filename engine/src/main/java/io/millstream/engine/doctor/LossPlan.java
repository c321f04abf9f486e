package io.millstream.engine.doctor;

import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.Ranges;
import io.millstream.engine.state.Salvage;
import io.millstream.engine.state.State;
import io.millstream.engine.state.TopicSalvage;
import io.millstream.engine.topic.PartitionId;
import io.millstream.engine.topic.TopicState;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What is lost for good, taken out of a state and put into words.
final class LossPlan {
    private final Salvage salvage;
    private final State state;
    private final ContentCheck content;

    LossPlan(Salvage salvage, ContentCheck content) {
        this.salvage = salvage;
        this.state = salvage.state();
        this.content = content;
    }

    /// Takes out of the state what has no bytes.
    ///
    /// @return what is lost, for each queue and partition that loses something or may
    List<Loss> make() {
        List<Loss> losses = new ArrayList<>();
        ofQueues(losses);
        ofTopics(losses);
        return losses;
    }

    private void ofQueues(List<Loss> losses) {
        Map<Long, Ranges> givenUp = new TreeMap<>();
        salvage.missing().forEach((channel, lost) -> add(givenUp, channel, lost));
        content.badMessages()
                .forEach((channel, lost) -> {
                    add(givenUp, channel, lost);
                    giveUp(channel, lost);
                });
        Set<Long> concerned = new TreeSet<>(givenUp.keySet());
        concerned.addAll(salvage.doubtful().keySet());
        concerned.addAll(salvage.openEnded());
        for (long channel : concerned) {
            QueueState queue = state.queue(channel);
            if (queue != null) {
                Ranges lost = givenUp.getOrDefault(channel, new Ranges());
                Ranges mayReturn = new Ranges();
                mayReturn.addAll(salvage.doubtful().getOrDefault(channel, new Ranges()));
                lost.ranges().forEach(range -> mayReturn.removeAll(range.first(), range.last()));
                long from = salvage.openEnded().contains(channel) ? queue.end() : Loss.NONE;
                add(
                        losses,
                        new Loss(
                                queue.definition().name(),
                                channel,
                                Loss.QUEUE,
                                lost,
                                from,
                                mayReturn));
            }
        }
    }

    private void giveUp(long channel, Ranges lost) {
        for (Ranges.Range range : lost.ranges()) {
            for (long sequence = range.first(); sequence <= range.last(); sequence++) {
                salvage.giveUp(channel, sequence);
            }
        }
    }

    private void ofTopics(List<Loss> losses) {
        TopicSalvage topics = salvage.topics();
        Map<PartitionId, Ranges> givenUp = new TreeMap<>();
        topics.missing().forEach((place, lost) -> add(givenUp, place, lost));
        for (ContentCheck.BadExtent bad : content.badExtents()) {
            add(givenUp, bad.place(), bad.lost());
            topics.keepOnly(bad.place(), bad.extent(), bad.pieces());
        }
        Set<PartitionId> concerned = new TreeSet<>(givenUp.keySet());
        concerned.addAll(topics.openEnded());
        for (PartitionId place : concerned) {
            TopicState topic = state.topics().topic(place.channel());
            if (topic != null) {
                long end = topic.partitions().get(place.partition()).end();
                add(
                        losses,
                        new Loss(
                                topic.definition().name(),
                                place.channel(),
                                place.partition(),
                                givenUp.getOrDefault(place, new Ranges()),
                                topics.openEnded().contains(place) ? end : Loss.NONE,
                                new Ranges()));
            }
        }
    }

    private static <K> void add(Map<K, Ranges> all, K key, Ranges more) {
        all.computeIfAbsent(key, none -> new Ranges()).addAll(more);
    }

    private static void add(List<Loss> losses, Loss loss) {
        if (loss.isAny()) {
            losses.add(loss);
        }
    }
}
