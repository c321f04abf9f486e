package io.millstream.server.http;

import io.millstream.api.ChannelName;
import io.millstream.api.View.PartitionView;
import io.millstream.api.View.QueueCounts;
import io.millstream.api.View.QueueView;
import io.millstream.api.View.TopicView;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What `/` shows; its JSON has these names.
///
/// @param name of the program
/// @param version of the program
/// @param state where in its life it is
/// @param started when
/// @param uptimeSeconds since then
/// @param pid the process
/// @param data the directory of the store
/// @param doors the open doors' addresses by name
/// @param queues the first queues by name
/// @param others the queues beyond those, together
/// @param topics the first topics by name
/// @param otherTopics the topics beyond those, together
record Status(
        String name,
        String version,
        String state,
        Instant started,
        long uptimeSeconds,
        long pid,
        String data,
        Map<String, String> doors,
        List<Row> queues,
        Others others,
        List<TopicRow> topics,
        OtherTopics otherTopics) {

    /// One queue.
    record Row(
            String name,
            long ready,
            long leased,
            long delayed,
            long bytes,
            long dead,
            long expired) {
        static Row of(QueueView view) {
            ChannelName name = view.definition().name();
            QueueCounts counts = view.counts();
            return new Row(
                    name.toString(),
                    counts.ready(),
                    counts.leased(),
                    counts.delayed(),
                    counts.bytes(),
                    counts.dead(),
                    counts.expired());
        }
    }

    /// Queues that are not shown by name.
    record Others(
            int queues,
            long ready,
            long leased,
            long delayed,
            long bytes,
            long dead,
            long expired) {}

    /// One topic.
    ///
    /// @param oldest the lowest offset that a partition keeps
    /// @param newest the highest offset that a partition has given, or -1 if none has
    record TopicRow(
            String name, long partitions, long records, long bytes, long oldest, long newest) {
        static TopicRow of(TopicView view) {
            TopicLook.Held held = TopicLook.Held.of(view);
            return new TopicRow(
                    view.definition().name().toString(),
                    held.partitions(),
                    held.records(),
                    held.bytes(),
                    view.partitions().stream().mapToLong(PartitionView::start).min().orElse(0),
                    view.partitions().stream().mapToLong(PartitionView::end).max().orElse(0) - 1);
        }
    }

    /// Topics that are not shown by name.
    record OtherTopics(int topics, long partitions, long records, long bytes) {}

    static Status of(Site site, QueueLook look, TopicLook topics, Instant now) {
        QueueCounts rest = look.rest();
        return new Status(
                "Millstream",
                site.version(),
                site.phase().get().name().toLowerCase(Locale.ROOT),
                site.started(),
                Duration.between(site.started(), now).toSeconds(),
                ProcessHandle.current().pid(),
                site.data().toString(),
                site.doors().get(),
                look.first().stream().map(Row::of).toList(),
                new Others(
                        look.others(),
                        rest.ready(),
                        rest.leased(),
                        rest.delayed(),
                        rest.bytes(),
                        rest.dead(),
                        rest.expired()),
                topics.first().stream().map(TopicRow::of).toList(),
                new OtherTopics(
                        topics.others(),
                        topics.rest().partitions(),
                        topics.rest().records(),
                        topics.rest().bytes()));
    }
}
