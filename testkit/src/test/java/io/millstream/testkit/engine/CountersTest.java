package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Backend;
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
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.View.QueueCounts;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.log.Log;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.memory.MemoryBackend;
import io.millstream.testkit.simulation.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;

/// What a queue says of itself is true while its messages are moved and merged, become too old and
/// survive restarts: the engine on tiny files is asked after each step and compared with the model.
class CountersTest {
    private static final int FILE_BYTES = 64 << 10;
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final ChannelName DEAD = ChannelName.of("dead");
    private static final Duration RETENTION = Duration.ofSeconds(60);
    private static final Term LEASE = new Term.Timed(Duration.ofSeconds(20));

    private final ManualClock clock = new ManualClock();
    private final SimulatedDisk disk = new SimulatedDisk(new SplittableRandom(1));
    private final EngineOptions options =
            EngineOptions.inMemory()
                    .withLog(new Log.Settings(FILE_BYTES, 6, FILE_BYTES, 2L * FILE_BYTES))
                    .withCheckpointBytes(FILE_BYTES)
                    .withTime(clock);
    private final MemoryBackend model = MemoryBackend.stepped(clock);
    private final List<Lease> leases = new ArrayList<>();
    private final List<Lease> modelLeases = new ArrayList<>();
    private Session modelSession = model.session(SessionSpec.of("test"));
    private Engine.Stepped engine;
    private Session session;

    @BeforeEach
    void open() throws IOException {
        engine = Engine.openStepped(disk, options);
        settle();
        session = engine.engine().session(SessionSpec.of("test"));
    }

    private void settle() throws IOException {
        boolean worked = true;
        while (worked) {
            worked = engine.loop();
            worked |= engine.writer();
            worked |= engine.background();
            worked |= engine.answers();
        }
    }

    private <T> T await(CompletionStage<T> stage) throws IOException {
        settle();
        assertThat(stage.toCompletableFuture()).isDone();
        return stage.toCompletableFuture().join();
    }

    private void commit(List<Operation> operations, List<Operation> likewise) throws IOException {
        Receipt receipt = await(session.commit(new Commit(null, operations)));
        Receipt modelled =
                modelSession.commit(new Commit(null, likewise)).toCompletableFuture().join();
        assertThat(receipt.getClass()).as("%s", receipt).isEqualTo(modelled.getClass());
    }

    private void define(ChannelName name, Duration retention) throws IOException {
        Definition.Queue queue =
                Definition.Queue.of(name)
                        .withRetention(retention)
                        .withDeadLetter(name.equals(MAIL) ? 4 : 0, name.equals(MAIL) ? DEAD : null);
        List<Operation> define = List.of(new Operation.Define(queue, Expect.Anything.ANYTHING));
        commit(define, define);
    }

    private void send(int messages, int bytes) throws IOException {
        List<Operation> puts = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            puts.add(new Operation.Put(MAIL, Message.of(Bytes.of(new byte[bytes]))));
        }
        commit(puts, puts);
    }

    private void receive(ChannelName queue, int messages) throws IOException {
        Take take = Take.of(queue, messages, LEASE, Duration.ZERO);
        List<Lease> got = leased(await(session.take(take).stage()));
        List<Lease> expected = leased(modelSession.take(take).stage().toCompletableFuture().join());
        assertThat(got.stream().map(lease -> lease.handle().sequence()).toList())
                .isEqualTo(expected.stream().map(lease -> lease.handle().sequence()).toList());
        leases.addAll(got);
        modelLeases.addAll(expected);
    }

    private static List<Lease> leased(Taken taken) {
        return ((Taken.Leased) taken).leases();
    }

    /// Settles one of the leases, which may have ended.
    private void settleOne(int index, Outcome outcome) throws IOException {
        if (leases.isEmpty()) {
            return;
        }
        int chosen = index % leases.size();
        commit(
                List.of(settling(leases.remove(chosen), outcome)),
                List.of(settling(modelLeases.remove(chosen), outcome)));
    }

    private static Operation settling(Lease lease, Outcome outcome) {
        return new Operation.Settle(lease.handle(), outcome, Operation.Stale.REFUSE);
    }

    private void restart() throws IOException {
        disk.kill();
        engine = Engine.openStepped(disk, options);
        settle();
        session = engine.engine().session(SessionSpec.of("test"));
        model.restart();
        modelSession = model.session(SessionSpec.of("test"));
        // Handles of another process are stale, in the engine and in the model.
        leases.clear();
        modelLeases.clear();
    }

    private static QueueCounts told(QueueCounts counts) {
        // The engine counts what it stores, the model what it was given.
        return new QueueCounts(
                counts.ready(),
                counts.leased(),
                counts.delayed(),
                counts.bytes() == 0 ? 0 : 1,
                counts.stored(),
                counts.done(),
                counts.dead(),
                counts.expired(),
                counts.kept());
    }

    private void compare(String step) throws IOException {
        for (ChannelName name : List.of(MAIL, DEAD)) {
            assertThat(told(await(counts(engine.engine(), name))))
                    .as("%s after %s", name, step)
                    .isEqualTo(told(counts(model, name).toCompletableFuture().join()));
        }
    }

    private static CompletionStage<QueueCounts> counts(Backend backend, ChannelName name) {
        return backend.find(new Query.QueueNamed(name))
                .thenApply(found -> found.page().items().getFirst().counts());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void they_are_those_of_the_model_after_each_step(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        define(DEAD, RETENTION.plusSeconds(random.nextInt(60)));
        define(MAIL, RETENTION);
        int segments = 0;
        for (int i = 0; i < 1500; i++) {
            String step = step(random, random.nextInt(100));
            compare("step %d: %s".formatted(i, step));
            segments = Math.max(segments, segments());
        }
        assertThat(segments).isPositive();
        QueueCounts counts = await(counts(engine.engine(), MAIL));
        assertThat(counts.expired()).isPositive();
        assertThat(counts.done()).isPositive();
        assertThat(counts.dead()).isPositive();
    }

    private int segments() throws IOException {
        return (int) disk.list().stream().filter(name -> name.startsWith("segment-")).count();
    }

    private String step(SplittableRandom random, int dice) throws IOException {
        if (dice < 30) {
            send(random.nextInt(1, 12), random.nextInt(2000));
            return "a send";
        }
        if (dice < 50) {
            receive(random.nextInt(8) == 0 ? DEAD : MAIL, random.nextInt(1, 10));
            return "a receive";
        }
        if (dice < 75) {
            settleOne(random.nextInt(1000), Outcome.done());
            return "a delete";
        }
        if (dice < 85) {
            Duration after = Duration.ofSeconds(random.nextInt(3) * 10L);
            settleOne(random.nextInt(1000), Outcome.retry(after));
            return "a retry after " + after;
        }
        if (dice < 88) {
            settleOne(random.nextInt(1000), Outcome.dead("bad"));
            return "a dead letter";
        }
        if (dice < 98) {
            Duration time = Duration.ofMillis(random.nextInt(3000));
            clock.advance(time);
            settle();
            return time + " have passed";
        }
        if (dice < 99) {
            define(MAIL, RETENTION.plusSeconds(random.nextInt(-20, 20)));
            return "another retention";
        }
        restart();
        return "a restart";
    }

    @Test
    void a_backlog_in_segments_expires_and_its_segments_go() throws IOException {
        define(DEAD, RETENTION);
        define(MAIL, RETENTION);
        for (int i = 0; i < 300; i++) {
            send(10, 1000);
        }
        compare("the sends");
        assertThat(segments()).isPositive();

        clock.advance(RETENTION);
        settle();

        compare("their end");
        assertThat(await(counts(engine.engine(), MAIL)).expired()).isEqualTo(3000);
        for (int i = 0; i < 20; i++) {
            send(10, 1000);
            clock.advance(RETENTION);
            settle();
        }
        assertThat(segments()).isZero();
        restart();
        compare("the restart");
    }

    @Test
    void a_backlog_larger_than_a_step_expires_in_many_and_hands_nothing_out_meanwhile()
            throws IOException {
        define(DEAD, null);
        define(MAIL, RETENTION);
        for (int i = 0; i < 300; i++) {
            send(100, 0);
        }

        clock.advance(RETENTION);
        var taken = session.take(Take.of(MAIL, 1, LEASE, Duration.ofHours(1))).stage();
        engine.loop();
        int looks = 1;
        while (awaitInFewSteps(counts(engine.engine(), MAIL)).messages() > 0) {
            looks++;
        }

        // A look takes some steps itself, so there are fewer looks than steps.
        assertThat(looks).isGreaterThan(1);
        assertThat(taken.toCompletableFuture()).isNotDone();
        send(1, 0);
        assertThat(leased(await(taken))).hasSize(1);
    }

    /// Asks, with as few steps of the loop as that takes.
    private <T> T awaitInFewSteps(CompletionStage<T> stage) throws IOException {
        while (!stage.toCompletableFuture().isDone()) {
            engine.loop();
            engine.writer();
            engine.answers();
        }
        return stage.toCompletableFuture().join();
    }
}
