package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.View;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.TimeSource;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/// Closing a session comes last, also for those who were asking for something while somebody else
/// closed it.
class ClosedSessionTest {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final Term TERM = Term.WhileOpen.WHILE_OPEN;
    private static final int ROUNDS = 2000;

    private final Meddling time = new Meddling();
    private final Engine engine =
            Engine.open(new MemoryDisk(), EngineOptions.inMemory().withTime(time));

    /// The machine's clock; whoever looks at it next on the thread of the test does something more.
    private static final class Meddling implements TimeSource {
        private final TimeSource machine = TimeSource.system();
        private final Thread test = Thread.currentThread();
        private final AtomicReference<@Nullable Runnable> more = new AtomicReference<>();

        @Override
        public long wallMillis() {
            return machine.wallMillis();
        }

        @Override
        public long nanos() {
            Runnable once = Thread.currentThread().equals(test) ? more.getAndSet(null) : null;
            if (once != null) {
                once.run();
            }
            return machine.nanos();
        }
    }

    @BeforeEach
    void define_a_queue_with_a_message() {
        try (Session session = engine.session(SessionSpec.of("first"))) {
            Receipt receipt =
                    await(
                            session.commit(
                                    Commit.of(
                                            new Operation.Define(
                                                    Definition.Queue.of(MAIL),
                                                    Expect.Nothing.NOTHING),
                                            new Operation.Put(MAIL, Message.of("x")))));
            assertThat(receipt).isInstanceOf(Receipt.Committed.class);
        }
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private View.QueueCounts counts() {
        return await(engine.find(new Query.QueueNamed(MAIL))).page().items().getFirst().counts();
    }

    @Test
    void a_take_that_comes_behind_the_end_of_its_session_leases_nothing() {
        Session session = engine.session(SessionSpec.of("closed"));
        time.more.set(session::close);

        Pending<Taken> take = session.take(Take.of(MAIL, 1, TERM, Duration.ofHours(1)));

        assertThat(((Taken.Leased) await(take.stage())).leases()).isEmpty();
        assertThat(counts().ready()).isEqualTo(1);
    }

    @Test
    void consumers_that_come_behind_the_end_of_their_sessions_get_nothing()
            throws InterruptedException {
        for (int i = 0; i < ROUNDS; i++) {
            Session session = engine.session(SessionSpec.of("closed"));
            Credit credit = session.credit(1, 1000);
            CountDownLatch begun = new CountDownLatch(1);
            Thread closer =
                    Thread.ofPlatform()
                            .start(() -> {
                                begun.countDown();
                                session.close();
                            });
            begun.await();
            try {
                session.consume(Subscribe.of(MAIL, TERM, credit), new Nobody());
            } catch (IllegalStateException closed) {
                assertThat(closed).hasMessageContaining("is closed");
            }
            closer.join();
        }

        assertThat(counts().ready()).isEqualTo(1);
        assertThat(counts().leased()).isZero();
    }

    private static final class Nobody implements DeliverySink {
        @Override
        public void deliver(List<Lease> leases) {
            // They come back with the session.
        }

        @Override
        public void ended(Refusal why) {
            throw new AssertionError("The queue is there: " + why);
        }
    }
}
