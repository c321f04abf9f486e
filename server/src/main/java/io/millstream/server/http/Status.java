package io.millstream.server.http;

import io.millstream.api.View.PartitionView;
import io.millstream.api.View.QueueCounts;
import io.millstream.api.View.QueueView;
import io.millstream.api.View.TopicView;

import org.jspecify.annotations.Nullable;

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
/// @param flow how much flows through all queues, or null if that is not known yet
/// @param jobs what jobs do
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
        Flow.@Nullable Rate flow,
        JobCounts jobs,
        List<Row> queues,
        Others others,
        List<TopicRow> topics,
        OtherTopics otherTopics) {

    /// Jobs by what they do, and how many were done since their queues were made.
    record JobCounts(long waiting, long delayed, long running, long dead, long done) {
        static JobCounts of(QueueLook look) {
            QueueCounts counts = look.ofJobs();
            return new JobCounts(
                    counts.ready(), counts.delayed(), counts.leased(), look.dead(), counts.done());
        }
    }

    /// One queue.
    ///
    /// @param flow how much flows through it, or null if that is not known yet
    /// @param oldestSeconds for how long the oldest that is ready has waited, or null if there is
    ///   none, or it is not known
    /// @param isPaused whether it hands out nothing
    record Row(
            String name,
            long ready,
            long leased,
            long delayed,
            long bytes,
            long dead,
            long expired,
            Flow.@Nullable Rate flow,
            @Nullable Long oldestSeconds,
            boolean isPaused) {
        static Row of(QueueView view, Seen seen) {
            String name = view.definition().name().toString();
            QueueCounts counts = view.counts();
            Duration waited = seen.oldest().waited().get(name);
            return new Row(
                    name,
                    counts.ready(),
                    counts.leased(),
                    counts.delayed(),
                    counts.bytes(),
                    counts.dead(),
                    counts.expired(),
                    seen.flow().of(name),
                    waited == null ? null : (Long) waited.toSeconds(),
                    view.definition().paused());
        }
    }

    /// What was seen besides the queues and topics.
    record Seen(Flow flow, OldestLook oldest) {}

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

    static Status of(Site site, QueueLook look, TopicLook topics, Seen seen, Instant now) {
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
                seen.flow().ofAll(),
                JobCounts.of(look),
                look.first().stream().map(view -> Row.of(view, seen)).toList(),
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
