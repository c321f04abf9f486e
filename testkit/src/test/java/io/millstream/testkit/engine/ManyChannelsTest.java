package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;
import io.millstream.engine.log.Log;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Ten thousand queues and as many topics come, are used, and go: heap and files are then what they
/// were before.
class ManyChannelsTest {
    private static final int CHANNELS = 10_000;
    private static final int AT_ONCE = 50;
    private static final int FILE_BYTES = 1 << 20;
    private static final int WARM_UPS = 4;
    private static final int LOG_FILES = 8;

    /// The lock, the format and two checkpoints.
    private static final int OTHER_FILES = 4;

    private static final Duration LONG = Duration.ofSeconds(60);

    private @TempDir Path directory;
    private Engine engine;
    private Session session;

    @BeforeEach
    void open() throws IOException {
        EngineOptions options =
                EngineOptions.inMemory()
                        .withLog(new Log.Settings(FILE_BYTES, LOG_FILES, FILE_BYTES, FILE_BYTES))
                        .withCheckpointBytes(2 * FILE_BYTES);
        engine = Engine.open(FileDisk.at(directory), options);
        session = engine.session(SessionSpec.of("test"));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static ChannelName queue(int number) {
        return ChannelName.of("queue-" + number);
    }

    private static ChannelName topic(int number) {
        return ChannelName.of("topic-" + number);
    }

    /// Commits so many operations at once for each of the channels.
    private void forEach(Function<Integer, List<Operation>> operations) {
        List<CompletableFuture<Receipt>> answers = new ArrayList<>();
        for (int from = 0; from < CHANNELS; from += AT_ONCE) {
            List<Operation> some =
                    IntStream.range(from, from + AT_ONCE)
                            .mapToObj(operations::apply)
                            .flatMap(List::stream)
                            .toList();
            answers.add(session.commit(new Commit(null, some)).toCompletableFuture());
        }
        assertThat(answers)
                .allSatisfy(
                        answer -> assertThat(answer.join()).isInstanceOf(Receipt.Committed.class));
    }

    private void create() {
        forEach(number ->
                List.of(
                        new Operation.Define(
                                Definition.Queue.of(queue(number)), Expect.Nothing.NOTHING),
                        new Operation.Define(
                                Definition.Topic.of(topic(number)), Expect.Nothing.NOTHING)));
    }

    /// Some of the messages are settled, some are taken, some are not touched.
    private void use() {
        Message message = Message.of("hello");
        forEach(number ->
                List.of(
                        new Operation.Put(queue(number), message),
                        new Operation.Put(queue(number), message),
                        new Operation.Append(topic(number), 0, List.of(message), null),
                        new Operation.MoveCursor(topic(number), 0, "reader", 1)));
        List<CompletableFuture<Taken>> taken =
                IntStream.range(0, CHANNELS)
                        .mapToObj(number ->
                                Take.of(
                                        queue(number),
                                        1,
                                        new Term.Timed(Duration.ofHours(1)),
                                        Duration.ZERO))
                        .map(take -> session.take(take).stage().toCompletableFuture())
                        .toList();
        List<Operation> settles = new ArrayList<>();
        for (CompletableFuture<Taken> one : taken.subList(0, CHANNELS / 2)) {
            Taken.Leased leased = (Taken.Leased) one.join();
            settles.add(
                    new Operation.Settle(
                            leased.leases().getFirst().handle(),
                            Outcome.done(),
                            Operation.Stale.REFUSE));
        }
        assertThat(session.commit(new Commit(null, settles)).toCompletableFuture().join())
                .isInstanceOf(Receipt.Committed.class);
    }

    private void drop() {
        forEach(number ->
                List.of(
                        new Operation.Remove(queue(number), Expect.Anything.ANYTHING),
                        new Operation.Remove(topic(number), Expect.Anything.ANYTHING)));
    }

    private static long heapUsed() {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }

    private List<String> files() {
        return List.of(directory.toFile().list());
    }

    private List<String> segments() {
        return files().stream().filter(name -> name.startsWith("segment-")).toList();
    }

    private void cycle() {
        create();
        use();
        drop();
        await().atMost(LONG).untilAsserted(() -> assertThat(segments()).isEmpty());
    }

    @Test
    void leave_nothing_behind() {
        // All that grows once, such as the log's files, has grown.
        for (int i = 0; i < WARM_UPS; i++) {
            cycle();
        }
        long heapBefore = heapUsed();

        create();
        use();
        long heapMeanwhile = heapUsed();
        drop();
        await().atMost(LONG).untilAsserted(() -> assertThat(segments()).isEmpty());

        assertThat(engine.stats().heapBytes()).isZero();
        assertThat(files()).hasSizeLessThanOrEqualTo(LOG_FILES + OTHER_FILES);
        long cost = heapMeanwhile - heapBefore;
        assertThat(cost / CHANNELS).as("bytes of a queue and a topic").isBetween(500L, 5000L);
        assertThat(heapUsed() - heapBefore).isLessThan(cost / 5);
    }
}
