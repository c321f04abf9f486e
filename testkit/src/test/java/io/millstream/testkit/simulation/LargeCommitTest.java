package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.SessionSpec;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.log.Log;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/// What has no message can be large too. A commit that fits into no log file must be refused: if it
/// waited for room, everything behind it would wait for ever.
class LargeCommitTest {
    private static final int FILE_BYTES = 64 << 10;
    private static final ChannelName QUEUE = ChannelName.of("mail");

    private static Receipt answerTo(Commit commit) throws IOException {
        EngineOptions options =
                EngineOptions.inMemory()
                        .withLog(new Log.Settings(FILE_BYTES, 8, FILE_BYTES, FILE_BYTES))
                        .withTime(new ManualClock());
        Engine.Stepped engine = Engine.openStepped(new MemoryDisk(), options);
        CompletableFuture<Receipt> answer =
                engine.engine()
                        .session(SessionSpec.of("test"))
                        .commit(commit)
                        .toCompletableFuture();
        for (int i = 0; i < 100; i++) {
            engine.loop();
            engine.writer();
            engine.background();
            engine.answers();
        }
        assertThat(answer).isDone();
        return answer.join();
    }

    private static void requireTooLarge(Receipt receipt) {
        assertThat(receipt)
                .isInstanceOfSatisfying(
                        Receipt.Refused.class,
                        refused ->
                                assertThat(refused.refusal()).isInstanceOf(Refusal.TooLarge.class));
    }

    @Test
    void a_definition_with_long_arguments_is_refused() throws IOException {
        Definition.Queue queue =
                Definition.Queue.of(QUEUE).withArguments(Map.of("note", "x".repeat(FILE_BYTES)));
        requireTooLarge(answerTo(Commit.of(new Operation.Define(queue, Expect.Anything.ANYTHING))));
    }

    @Test
    void many_rows_with_long_keys_are_refused() throws IOException {
        List<Operation> writes =
                IntStream.range(0, 200)
                        .<Operation>mapToObj(i ->
                                new Operation.Write(
                                        "rows",
                                        i + "x".repeat(1000),
                                        Bytes.utf8("v"),
                                        Expect.Anything.ANYTHING,
                                        null))
                        .toList();
        requireTooLarge(answerTo(new Commit(null, writes)));
    }
}
