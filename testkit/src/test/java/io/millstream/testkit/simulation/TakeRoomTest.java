package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.log.Log;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Who takes without waiting, from a queue with messages, while the next log file is still being
/// prepared: "there is nothing" would be untrue, and a refusal would be early.
class TakeRoomTest {
    private static final int FILE_BYTES = 64 << 10;
    private static final ChannelName QUEUE = ChannelName.of("mail");
    private static final ChannelName EMPTY = ChannelName.of("empty");
    private static final int MESSAGES_MAX = 100;

    private final ManualClock clock = new ManualClock();
    private Engine.Stepped engine;
    private Session session;

    @BeforeEach
    void fill_the_log() throws IOException {
        EngineOptions options =
                EngineOptions.inMemory()
                        .withLog(new Log.Settings(FILE_BYTES, 8, FILE_BYTES, FILE_BYTES))
                        .withTime(clock);
        engine = Engine.openStepped(new MemoryDisk(), options);
        session = engine.engine().session(SessionSpec.of("test"));
        for (ChannelName name : List.of(QUEUE, EMPTY)) {
            Definition queue = Definition.Queue.of(name);
            assertThat(send(new Operation.Define(queue, Expect.Anything.ANYTHING))).isDone();
        }
        CompletableFuture<?> put = send(put());
        for (int i = 0; put.isDone() && i < MESSAGES_MAX; i++) {
            put = send(put());
        }
        assertThat(put).as("A message for which there is room no more").isNotDone();
        pass(Duration.ofSeconds(3));
        assertThat(put).isDone();
    }

    private static Operation put() {
        return new Operation.Put(QUEUE, Message.of("x".repeat(2000)));
    }

    private void pass(Duration time) throws IOException {
        clock.advance(time);
        run();
    }

    private CompletableFuture<?> send(Operation operation) throws IOException {
        CompletableFuture<?> answer = session.commit(Commit.of(operation)).toCompletableFuture();
        run();
        return answer;
    }

    private CompletableFuture<Taken> take(ChannelName queue) throws IOException {
        Take take = Take.of(queue, 1, new Term.Timed(Duration.ofMinutes(1)), Duration.ZERO);
        CompletableFuture<Taken> answer = session.take(take).stage().toCompletableFuture();
        run();
        return answer;
    }

    /// Takes until there is no room to note another one.
    private CompletableFuture<Taken> takeWithoutRoom() throws IOException {
        CompletableFuture<Taken> answer = take(QUEUE);
        for (int i = 0; answer.isDone() && i < MESSAGES_MAX; i++) {
            requireMessages(answer, 1);
            answer = take(QUEUE);
        }
        assertThat(answer).isNotDone();
        return answer;
    }

    private static void requireMessages(CompletableFuture<Taken> answer, int messages) {
        assertThat(answer).isDone();
        assertThat(answer.join())
                .isInstanceOfSatisfying(
                        Taken.Leased.class,
                        leased -> assertThat(leased.leases()).hasSize(messages));
    }

    /// Everything but the thread that prepares files.
    private void run() throws IOException {
        for (int i = 0; i < 20; i++) {
            engine.loop();
            engine.writer();
            engine.answers();
        }
    }

    @Test
    void gets_a_message_once_there_is_room() throws IOException {
        CompletableFuture<Taken> answer = takeWithoutRoom();
        for (int i = 0; i < 10; i++) {
            engine.background();
        }
        run();
        requireMessages(answer, 1);
    }

    @Test
    void is_refused_when_nobody_makes_room() throws IOException {
        CompletableFuture<Taken> answer = takeWithoutRoom();
        pass(Duration.ofMillis(1980));
        assertThat(answer).isNotDone();
        pass(Duration.ofMillis(40));
        assertThat(answer).isDone();
        assertThat(answer.join())
                .isInstanceOfSatisfying(
                        Taken.Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Busy.class));
    }

    @Test
    void gets_nothing_at_once_when_there_is_no_message() throws IOException {
        CompletableFuture<Taken> waiting = takeWithoutRoom();
        requireMessages(take(EMPTY), 0);
        assertThat(waiting).isNotDone();
    }
}
