package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Delivery;
import io.millstream.Exchange;
import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.Bytes;
import io.millstream.api.Message;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.doctor.Examination;
import io.millstream.engine.doctor.Finding;
import io.millstream.engine.doctor.Repair;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;
import io.millstream.engine.log.Log;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A message that is in several queues lies once in the log, and is there until the last of them
/// has settled it.
class FanOutTest {
    private static final int FILE_BYTES = 128 << 10;
    private static final int FILES = 6;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final EngineOptions OPTIONS =
            EngineOptions.inMemory()
                    .withLog(new Log.Settings(FILE_BYTES, FILES, FILE_BYTES, 2L * FILE_BYTES))
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

    private Exchange fan(int queues) {
        Exchange exchange = millstream.exchange("fan");
        for (int i = 0; i < queues; i++) {
            millstream.queue("q" + i);
            exchange.bind("q" + i, "#");
        }
        return exchange;
    }

    private static Message message(int number) {
        return Message.builder(Bytes.of(new byte[1000])).id("m" + number).build();
    }

    private void passThrough(int messages) {
        WorkQueue queue = millstream.queue("other");
        for (int i = 0; i < messages; i += 50) {
            List<Message> batch = new ArrayList<>();
            for (int j = 0; j < 50; j++) {
                batch.add(message(i + j));
            }
            queue.sendAll(batch);
            queue.receive(50, HOUR, HOUR).forEach(Delivery::done);
        }
    }

    private void assertHolds(String queue, int first, int end) {
        assertThat(millstream.queue(queue).counts().ready()).isEqualTo(end - first);
        assertGives(queue, first, end);
    }

    private void assertGives(String queue, int first, int end) {
        WorkQueue work = millstream.queue(queue);
        for (int i = first; i < end; ) {
            for (Delivery delivery : work.receive(Math.min(50, end - i), HOUR, HOUR)) {
                assertThat(delivery.message()).isEqualTo(message(i++));
                delivery.done();
            }
        }
    }

    private List<String> segments() {
        return disk.list().stream().filter(name -> name.startsWith("segment-")).toList();
    }

    private List<Finding> verify() throws IOException {
        List<Finding> found = new ArrayList<>();
        try (Examination examination = Examination.of(disk, found::add)) {
            examination.checkMessages();
        }
        return found;
    }

    @Test
    void a_body_lies_once_in_the_log_however_many_queues_have_it() {
        Exchange exchange = fan(50);
        long before = engine.stats().logEnd();

        for (int i = 0; i < 100; i++) {
            assertThat(exchange.publish("k", message(i)).reached()).hasSize(50);
        }

        // Each publish takes a frame of one block or two; bodies of their own would take thirteen.
        assertThat(engine.stats().logEnd() - before).isLessThan(100 * 2 * 4096);
        assertHolds("q49", 0, 100);
    }

    @Test
    void what_one_queue_has_settled_another_one_still_has_through_files_that_are_used_again()
            throws IOException {
        Exchange exchange = fan(3);
        for (int i = 0; i < 100; i++) {
            exchange.publish("k", message(i));
        }
        assertHolds("q0", 0, 100);

        passThrough(3000);
        assertGives("q1", 0, 40);
        reopen();
        passThrough(1000);
        millstream.close();
        assertThat(verify()).isEmpty();
        reopen();

        assertHolds("q1", 40, 100);
        assertHolds("q2", 0, 100);
        passThrough(1000);
        reopen();
        assertThat(segments()).isEmpty();
    }

    @Test
    void a_backlog_larger_than_the_ring_is_in_each_queue_in_order() throws IOException {
        Exchange exchange = fan(3);
        int messages = 2 * FILES * FILE_BYTES / 1000;
        for (int i = 0; i < messages; i++) {
            exchange.publish("k", message(i));
        }
        millstream.close();
        assertThat(verify()).isEmpty();
        reopen();

        assertThat(segments()).isNotEmpty();
        for (int i = 0; i < 3; i++) {
            assertHolds("q" + i, 0, messages);
        }
    }

    @Test
    void what_moves_to_a_segment_is_copied_once_for_queues_that_hold_the_same() throws IOException {
        Exchange exchange = fan(8);
        int messages = 2 * FILES * FILE_BYTES / 1000;
        for (int i = 0; i < messages; i++) {
            exchange.publish("k", message(i));
        }
        millstream.close();

        long bytes = 0;
        for (String name : segments()) {
            try (StoredFile file = disk.open(name)) {
                bytes += file.size();
            }
        }
        assertThat(bytes).isBetween(messages * 500L, messages * 1500L);
        assertThat(verify()).isEmpty();
        reopen();
        assertHolds("q0", 0, messages);
        assertHolds("q7", 0, messages);
    }

    @Test
    void a_damaged_body_is_named_for_each_queue_and_given_up_alone() throws IOException {
        Exchange exchange = fan(2);
        exchange.publish("k", "first");
        exchange.publish("k", "the second");
        exchange.publish("k", "third");
        // So that a later frame proves it.
        millstream.queue("other").send("x");
        millstream.close();
        damage("the second");

        assertThat(verify()).isNotEmpty();
        try (Repair repair = Repair.plan(disk, finding -> {})) {
            assertThat(repair.obstacles()).isEmpty();
            repair.run("");
        }
        assertThat(verify()).isEmpty();
        reopen();
        for (String queue : List.of("q0", "q1")) {
            List<Delivery> left = millstream.queue(queue).receive(10, HOUR, HOUR);
            assertThat(left).extracting(Delivery::text).contains("first").doesNotContain("xhe");
        }
        assertThat(millstream.exchange("fan").publish("k", "again").reached()).hasSize(2);
    }

    private void damage(String text) throws IOException {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        boolean found = false;
        for (String name : disk.list()) {
            if (!name.startsWith("log-")) {
                continue;
            }
            try (StoredFile file = disk.open(name)) {
                ByteBuffer all = ByteBuffer.allocate((int) file.size());
                file.read(all, 0);
                String bytes = new String(all.array(), StandardCharsets.ISO_8859_1);
                int at = bytes.indexOf(text);
                if (at >= 0) {
                    wanted[0] = 'x';
                    file.write(ByteBuffer.wrap(wanted), at);
                    found = true;
                }
            }
        }
        assertThat(found).isTrue();
    }
}
