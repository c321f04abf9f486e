package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
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

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// A disk that fills up: publishers are refused by name, everybody else goes on.
class FullDiskTest {
    private static final int FILE_BYTES = 128 << 10;
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final int PUTS_MAX = 100_000;
    private static final ChannelName QUEUE = ChannelName.of("mail");
    private static final EngineOptions OPTIONS =
            EngineOptions.inMemory()
                    .withLog(new Log.Settings(FILE_BYTES, 16, FILE_BYTES, 2L * FILE_BYTES))
                    .withCheckpointBytes(FILE_BYTES);

    private final MemoryDisk disk = new MemoryDisk(9L * FILE_BYTES);
    private Engine engine = Engine.open(disk, OPTIONS);
    private Session session = engine.session(SessionSpec.of("test"));

    @AfterEach
    void close() {
        engine.close();
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private Receipt commit(Operation operation) throws Exception {
        return await(session.commit(Commit.of(operation)));
    }

    private Receipt put(int number) throws Exception {
        Message message = Message.builder(Bytes.of(new byte[2000])).id("m" + number).build();
        return commit(new Operation.Put(QUEUE, message));
    }

    private List<Lease> take() throws Exception {
        Take take = Take.of(QUEUE, 1, new Term.Timed(Duration.ofHours(1)), WAIT);
        return ((Taken.Leased) await(session.take(take).stage())).leases();
    }

    private int fill() throws Exception {
        commit(new Operation.Define(Definition.Queue.of(QUEUE), Expect.Nothing.NOTHING));
        int stored = 0;
        for (int sent = 0; sent < PUTS_MAX; sent++) {
            switch (put(stored)) {
                case Receipt.Committed _ -> stored++;
                case Receipt.Refused refused -> {
                    assertThat(refused.refusal()).isInstanceOf(Refusal.Busy.class);
                    if (!isForAMoment(refused)) {
                        return stored;
                    }
                }
            }
        }
        throw new AssertionError("The disk does not fill up, with %d messages".formatted(stored));
    }

    /// While the log is moved out of a ring that the disk has no room to make longer.
    private static boolean isForAMoment(Receipt.Refused refused) {
        return refused.refusal().text().contains("Send again in a moment");
    }

    @Test
    void a_publish_is_refused_as_busy_and_says_what_is_short() throws Exception {
        int stored = fill();

        Receipt.Refused refused = (Receipt.Refused) put(stored);

        assertThat(stored).isGreaterThan(20);
        assertThat(refused.refusal()).isInstanceOf(Refusal.Busy.class);
        assertThat(refused.refusal().text()).contains("The disk has");
        assertThat(isShownShort()).isTrue();
    }

    /// What has just been moved or deleted may leave room for a few more; in the end there is none.
    private boolean isShownShort() throws Exception {
        for (int sent = 0; sent < PUTS_MAX; sent++) {
            if (put(sent) instanceof Receipt.Refused
                    && engine.stats().shortage().contains("The disk has")) {
                return true;
            }
        }
        return false;
    }

    @Test
    void consumers_drain_it_one_by_one_and_publishers_go_on() throws Exception {
        int stored = fill();

        for (int i = 0; i < stored; i++) {
            List<Lease> leases = take();
            assertThat(leases).as("message %d of %d", i, stored).hasSize(1);
            assertThat(leases.getFirst().message().id()).isEqualTo("m" + i);
            Operation done =
                    new Operation.Settle(
                            leases.getFirst().handle(), Outcome.done(), Operation.Stale.REFUSE);
            assertThat(commit(done)).isInstanceOf(Receipt.Committed.class);
        }
        assertThat(
                        await(engine.find(new Query.QueueNamed(QUEUE)))
                                .page()
                                .items()
                                .getFirst()
                                .counts()
                                .messages())
                .isZero();
    }

    @Test
    void looks_purges_and_an_orderly_end_are_answered() throws Exception {
        fill();

        assertThat(await(engine.find(new Query.QueueNamed(QUEUE))).page().items()).hasSize(1);
        assertThat(commit(new Operation.Edit.Purge(QUEUE))).isInstanceOf(Receipt.Committed.class);
        engine.close();

        engine = Engine.open(disk, OPTIONS);
        session = engine.session(SessionSpec.of("test"));
        assertThat(put(0)).isInstanceOf(Receipt.Committed.class);
    }
}
