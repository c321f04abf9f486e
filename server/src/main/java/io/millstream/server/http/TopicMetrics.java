package io.millstream.server.http;

import io.millstream.api.ChannelName;
import io.millstream.api.View.PartitionView;
import io.millstream.api.View.TopicView;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;

/// What the topics hold, as series, from one look: see [QueueMetrics]. Offsets are shown for the
/// first partitions only, so that the series of a topic do not grow with them.
final class TopicMetrics implements MultiCollector {
    /// The most partitions of a topic whose offsets are shown.
    static final int PARTITIONS_MAX = 32;

    private final AtomicReference<TopicLook> latest = new AtomicReference<>(TopicLook.empty());

    /// Shows this look from now on.
    void show(TopicLook look) {
        latest.set(look);
    }

    @Override
    public MetricSnapshots collect() {
        TopicLook look = latest.get();
        return new MetricSnapshots(
                held(
                        look,
                        "millstream_topic_partitions",
                        "Partitions of the topic.",
                        TopicLook.Held::partitions),
                held(
                        look,
                        "millstream_topic_records",
                        "Records that the topic keeps.",
                        TopicLook.Held::records),
                held(
                        look,
                        "millstream_topic_bytes",
                        "Stored size of the records that the topic keeps, headers included.",
                        TopicLook.Held::bytes),
                offsets(
                        look,
                        "millstream_topic_start_offset",
                        "Offset of the oldest record that the partition keeps.",
                        PartitionView::start),
                offsets(
                        look,
                        "millstream_topic_end_offset",
                        "Offset that the next record of the partition gets.",
                        PartitionView::end),
                topics(look));
    }

    private static GaugeSnapshot held(
            TopicLook look, String name, String help, ToLongFunction<TopicLook.Held> count) {
        var gauge = GaugeSnapshot.builder().name(name).help(help);
        for (TopicView view : look.first()) {
            gauge.dataPoint(point(named(view), count.applyAsLong(TopicLook.Held.of(view))));
        }
        if (look.others() > 0) {
            gauge.dataPoint(point(others(), count.applyAsLong(look.rest())));
        }
        return gauge.build();
    }

    private static GaugeSnapshot offsets(
            TopicLook look, String name, String help, ToLongFunction<PartitionView> offset) {
        var gauge = GaugeSnapshot.builder().name(name).help(help);
        for (TopicView view : look.first()) {
            List<PartitionView> partitions = view.partitions();
            for (int i = 0; i < Math.min(partitions.size(), PARTITIONS_MAX); i++) {
                Labels labels = named(view).add("partition", Integer.toString(i));
                gauge.dataPoint(point(labels, offset.applyAsLong(partitions.get(i))));
            }
        }
        return gauge.build();
    }

    private static GaugeSnapshot topics(TopicLook look) {
        return GaugeSnapshot.builder()
                .name("millstream_topics")
                .help("Topics that are defined.")
                .dataPoint(point(Labels.EMPTY, look.first().size() + look.others()))
                .build();
    }

    private static GaugeDataPointSnapshot point(Labels labels, long value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value((double) value).build();
    }

    private static Labels named(TopicView view) {
        ChannelName name = view.definition().name();
        return Labels.of("host", name.host(), "topic", name.name());
    }

    /// A topic may be called `other` too. Its host tells them apart: no real one is empty.
    private static Labels others() {
        return Labels.of("host", "", "topic", "other");
    }
}
