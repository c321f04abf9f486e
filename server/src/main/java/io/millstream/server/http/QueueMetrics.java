package io.millstream.server.http;

import io.millstream.api.ChannelName;
import io.millstream.api.View.QueueCounts;
import io.millstream.api.View.QueueView;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;

/// The counts of the queues as series. They are read from one look, so that a scrape shows one
/// moment, and not held in meters, which would outlive their queues.
final class QueueMetrics implements MultiCollector {
    private final AtomicReference<QueueLook> latest = new AtomicReference<>(QueueLook.empty());

    /// Shows this look from now on.
    void show(QueueLook look) {
        latest.set(look);
    }

    @Override
    public MetricSnapshots collect() {
        QueueLook look = latest.get();
        return new MetricSnapshots(
                messages(look),
                bytes(look),
                counter(
                        look,
                        "millstream_queue_stored",
                        "Messages put since the queue was created.",
                        QueueCounts::stored),
                counter(
                        look,
                        "millstream_queue_done",
                        "Messages settled as done since the queue was created.",
                        QueueCounts::done),
                counter(
                        look,
                        "millstream_queue_dead",
                        "Messages dead-lettered or given up since the queue was created.",
                        QueueCounts::dead),
                counter(
                        look,
                        "millstream_queue_expired",
                        "Messages dropped for their age since the queue was created.",
                        QueueCounts::expired),
                queues(look));
    }

    private static GaugeSnapshot messages(QueueLook look) {
        var gauge =
                GaugeSnapshot.builder()
                        .name("millstream_queue_messages")
                        .help("Messages in the queue, by what they wait for.");
        for (QueueView view : look.first()) {
            addStates(gauge, named(view), view.counts());
        }
        if (look.others() > 0) {
            addStates(gauge, others(), look.rest());
        }
        return gauge.build();
    }

    private static void addStates(GaugeSnapshot.Builder gauge, Labels labels, QueueCounts counts) {
        gauge.dataPoint(gaugePoint(labels.add("state", "ready"), counts.ready()));
        gauge.dataPoint(gaugePoint(labels.add("state", "leased"), counts.leased()));
        gauge.dataPoint(gaugePoint(labels.add("state", "delayed"), counts.delayed()));
    }

    private static GaugeSnapshot bytes(QueueLook look) {
        var gauge =
                GaugeSnapshot.builder()
                        .name("millstream_queue_bytes")
                        .help("Stored size of the messages in the queue, headers included.");
        for (QueueView view : look.first()) {
            gauge.dataPoint(gaugePoint(named(view), view.counts().bytes()));
        }
        if (look.others() > 0) {
            gauge.dataPoint(gaugePoint(others(), look.rest().bytes()));
        }
        return gauge.build();
    }

    private static CounterSnapshot counter(
            QueueLook look, String name, String help, ToLongFunction<QueueCounts> count) {
        var counter = CounterSnapshot.builder().name(name).help(help);
        for (QueueView view : look.first()) {
            counter.dataPoint(counterPoint(named(view), count.applyAsLong(view.counts())));
        }
        if (look.others() > 0) {
            counter.dataPoint(counterPoint(others(), count.applyAsLong(look.rest())));
        }
        return counter.build();
    }

    private static GaugeSnapshot queues(QueueLook look) {
        return GaugeSnapshot.builder()
                .name("millstream_queues")
                .help("Queues that are defined.")
                .dataPoint(gaugePoint(Labels.EMPTY, look.first().size() + look.others()))
                .build();
    }

    private static GaugeDataPointSnapshot gaugePoint(Labels labels, long value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value((double) value).build();
    }

    private static CounterDataPointSnapshot counterPoint(Labels labels, long value) {
        return CounterDataPointSnapshot.builder().labels(labels).value((double) value).build();
    }

    private static Labels named(QueueView view) {
        ChannelName name = view.definition().name();
        return Labels.of("host", name.host(), "queue", name.name());
    }

    /// A queue may be called `other` too. Its host tells them apart: no real one is empty.
    private static Labels others() {
        return Labels.of("host", "", "queue", "other");
    }
}
