package com.example.sensors;

import io.millstream.Event;
import io.millstream.Millstream;
import io.millstream.Topic;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Turns the readings of one partition into averages, each of which is published **once**, whenever
/// the process dies.
///
/// When the first reading of the next window comes, one commit publishes the averages of the last
/// one and moves the cursor to that reading. So the cursor always stands where a window begins: who
/// starts again reads the window that was open from its beginning, and remembers nothing else.
final class Averaging implements Runnable, AutoCloseable {
    private static final String CURSOR = "averages";

    private final Millstream millstream;
    private final Topic<String> readings;
    private final Topic<String> averages;
    private final int partition;
    private final Session session;
    private volatile boolean isClosed;

    Averaging(
            Millstream millstream, Topic<String> readings, Topic<String> averages, int partition) {
        this.millstream = millstream;
        this.readings = readings;
        this.averages = averages;
        this.partition = partition;
        this.session = millstream.backend().session(SessionSpec.of("averaging " + partition));
    }

    @Override
    public void run() {
        Window window = null;
        var from = new From.Offset(readings.name(), partition, cursor());
        try (TopicReader reader = session.read(from)) {
            while (!isClosed) {
                for (TopicRecord record : next(reader)) {
                    Reading reading = Reading.of(record.message().text());
                    if (window != null && Window.numberOf(reading) != window.number()) {
                        publish(window, record.offset());
                        window = null;
                    }
                    if (window == null) {
                        window = new Window(Window.numberOf(reading));
                    }
                    window.add(reading);
                }
            }
        }
    }

    private void publish(Window window, long next) {
        List<Operation> commit = new ArrayList<>();
        for (Window.Average average : window.averages()) {
            commit.add(averages.publishing(Event.of(average.line()).withKey(average.sensor())));
        }
        commit.add(new Operation.MoveCursor(readings.name(), partition, CURSOR, next));
        millstream.commit(commit.toArray(Operation[]::new));
    }

    private List<TopicRecord> next(TopicReader reader) {
        Fetched fetched =
                reader.next(500, 1 << 20, Duration.ofMillis(200))
                        .stage()
                        .toCompletableFuture()
                        .join();
        return switch (fetched) {
            case Fetched.Records records -> records.records();
            case Fetched.Refused refused ->
                    throw new IllegalStateException(refused.refusal().text());
        };
    }

    private long cursor() {
        var query = new Query.Cursors(readings.name(), CURSOR, null, 1);
        List<View.CursorView> found =
                millstream.backend().find(query).toCompletableFuture().join().page().items();
        return found.isEmpty() ? 0 : found.getFirst().offsets().get(partition);
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
