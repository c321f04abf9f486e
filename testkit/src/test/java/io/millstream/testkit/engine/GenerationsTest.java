package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millstream.Codec;
import io.millstream.Delivery;
import io.millstream.Millstream;
import io.millstream.Topic;
import io.millstream.WorkQueue;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.api.Retention;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;
import io.millstream.engine.log.Log;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// What outlives the ring of log files goes on living in segments, and nothing else does.
class GenerationsTest {
    private static final int FILE_BYTES = 128 << 10;
    private static final int RING_BYTES = 6 * FILE_BYTES;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final EngineOptions OPTIONS =
            EngineOptions.inMemory()
                    .withLog(new Log.Settings(FILE_BYTES, 6, FILE_BYTES, 2L * FILE_BYTES))
                    .withCheckpointBytes(FILE_BYTES);

    private final MemoryDisk disk = new MemoryDisk();
    private Engine engine = Engine.open(disk, OPTIONS);
    private Millstream millstream = Millstream.over(engine);

    @AfterEach
    void close() {
        millstream.close();
    }

    private void reopen() {
        millstream.close();
        engine = Engine.open(disk, OPTIONS);
        millstream = Millstream.over(engine);
    }

    private static Message message(int number) {
        return Message.builder(Bytes.of(new byte[1000])).id("m" + number).build();
    }

    private List<String> segments() {
        return disk.list().stream().filter(name -> name.startsWith("segment-")).toList();
    }

    private long diskBytes() throws IOException {
        long bytes = 0;
        for (String name : disk.list()) {
            try (StoredFile file = disk.open(name)) {
                bytes += file.size();
            }
        }
        return bytes;
    }

    private static void sendBatch(WorkQueue queue, int first) {
        List<Message> batch = new ArrayList<>();
        for (int i = first; i < first + 50; i++) {
            batch.add(message(i));
        }
        queue.sendAll(batch);
    }

    private void passThrough(WorkQueue queue, int messages) {
        for (int i = 0; i < messages; i += 50) {
            sendBatch(queue, i);
            for (Delivery delivery : queue.receive(50, HOUR, SECOND)) {
                delivery.done();
            }
        }
    }

    private static void drain(WorkQueue queue) {
        while (!queue.receive(50, HOUR, Duration.ZERO).isEmpty()) {
            // Each round takes what the one before left.
        }
    }

    @Test
    void one_message_that_is_not_settled_pins_nothing() throws IOException {
        WorkQueue queue = millstream.queue("mail");
        queue.send("old");
        Delivery old = queue.receive(1, HOUR, SECOND).getFirst();

        passThrough(queue, 2000);

        assertThat(diskBytes()).isLessThan(RING_BYTES + 4L * FILE_BYTES);
        old.retry();
        assertThat(queue.receive(SECOND).orElseThrow().text()).isEqualTo("old");
    }

    @Test
    void a_backlog_larger_than_the_ring_is_kept_in_order_through_restarts() {
        WorkQueue queue = millstream.queue("mail");
        int messages = 4 * RING_BYTES / 1000;
        for (int i = 0; i < messages; i++) {
            queue.send(message(i));
            if (i == messages / 2) {
                reopen();
                queue = millstream.queue("mail");
            }
        }
        reopen();
        queue = millstream.queue("mail");

        assertThat(segments()).isNotEmpty();
        assertThat(queue.counts().ready()).isEqualTo(messages);
        for (int i = 0; i < messages; i++) {
            Delivery delivery = queue.receive(SECOND).orElseThrow();
            assertThat(delivery.message()).isEqualTo(message(i));
            delivery.done();
        }
    }

    @Test
    void segments_go_when_what_is_in_them_is_settled() {
        WorkQueue queue = millstream.queue("mail");
        for (int i = 0; i < 2 * RING_BYTES / 1000; i++) {
            queue.send(message(i));
        }
        assertThat(segments()).isNotEmpty();

        queue.purge();
        passThrough(millstream.queue("other"), 500);
        reopen();

        assertThat(segments()).isEmpty();
    }

    @Test
    void sparse_segments_are_merged() {
        WorkQueue queue = millstream.queue("mail");
        int messages = 6 * RING_BYTES / 1000 / 50 * 50;
        for (int i = 0; i < messages; i += 50) {
            sendBatch(queue, i);
        }
        int full = segments().size();
        int kept = 0;
        for (int i = 0; i < messages; i += 50) {
            List<Delivery> batch = queue.receive(50, HOUR, SECOND);
            kept++;
            for (Delivery delivery : batch.subList(1, batch.size())) {
                delivery.done();
            }
        }
        passThrough(millstream.queue("other"), 1000);

        assertThat(segments().size()).isLessThan(full / 2);
        reopen();
        assertThat(millstream.queue("mail").counts().leased()).isEqualTo(kept);
    }

    @Test
    void a_damaged_message_stops_the_engine_and_is_named() throws Exception {
        WorkQueue queue = millstream.queue("mail");
        for (int i = 0; i < 2 * RING_BYTES / 1000; i++) {
            queue.send(message(i));
        }
        reopen();
        String segment = segments().getFirst();
        try (StoredFile file = disk.open(segment)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 5000);
        }
        CompletableFuture<Throwable> stopped = new CompletableFuture<>();
        engine.onStopped(stopped::complete);

        // Segments are merged as they become sparse: which messages this one holds is not known.
        WorkQueue again = millstream.queue("mail");
        assertThat(catchThrowable(() -> drain(again))).isNotNull();

        assertThat(stopped.get(10, TimeUnit.SECONDS)).hasMessageContaining(segment);
    }

    @Test
    void a_topic_larger_than_the_ring_is_read_whole_through_restarts() {
        Definition.Topic plain = Definition.Topic.of(ChannelName.of("events"));
        Topic<String> topic = millstream.topic(plain.withPartitions(2), Codec.text());
        int events = 4 * RING_BYTES / 1000;
        for (int i = 0; i < events; i++) {
            topic.publish("key" + i % 7, i + "-" + "x".repeat(900));
            if (i == events / 2) {
                reopen();
                topic = millstream.topic("events", Codec.text());
            }
        }
        reopen();
        topic = millstream.topic("events", Codec.text());

        assertThat(segments()).isNotEmpty();
        List<Integer> read = new ArrayList<>();
        topic.replay(event -> read.add(Integer.valueOf(event.data().split("-", 2)[0])));
        assertThat(read).hasSize(events).doesNotHaveDuplicates();
        List<Integer> ofOneKey = new ArrayList<>();
        topic.replay("key3", event -> ofOneKey.add(Integer.valueOf(event.data().split("-", 2)[0])));
        assertThat(ofOneKey).hasSizeGreaterThan(events / 8).isSorted();
    }

    @Test
    void segments_of_a_topic_go_when_retention_drops_what_is_in_them() throws IOException {
        Definition.Topic plain = Definition.Topic.of(ChannelName.of("events"));
        Topic<String> topic =
                millstream.topic(
                        plain.withRetention(Retention.ofBytes(2L * FILE_BYTES)), Codec.text());
        for (int i = 0; i < 8 * RING_BYTES / 1000; i++) {
            topic.publish("x".repeat(900));
        }

        assertThat(topic.view().partitions().getFirst().bytes())
                .isLessThanOrEqualTo(2L * FILE_BYTES);
        passThrough(millstream.queue("other"), 500);
        reopen();
        assertThat(diskBytes()).isLessThan(RING_BYTES + 4L * FILE_BYTES);
    }
}
