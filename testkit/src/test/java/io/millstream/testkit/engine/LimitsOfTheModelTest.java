package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Rate;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.testkit.ManualClock;
import io.millstream.testkit.memory.MemoryBackend;
import io.millstream.testkit.simulation.SimulatedDisk;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;

/// The engine hands out what the model does, whatever a queue limits, and however that and its
/// messages change: the same messages, to the same takes, in the same order.
///
/// Where groups share fairly messages have no types here: a group that is behind because of the
/// types of its messages may get one turn earlier or later than in the model.
class LimitsOfTheModelTest {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final int ROUNDS = 40;
    private static final int STEPS = 120;
    private static final List<String> TYPES = List.of("a", "b", "c");
    private static final List<String> GROUPS = List.of("g", "h", "i", "j");
    private static final Term WHILE_OPEN = Term.WhileOpen.WHILE_OPEN;
    private static final Term AUTO = Term.Auto.AUTO;
    private static final Duration LONG = Duration.ofDays(1);

    private final ManualClock clock = new ManualClock();
    private final SimulatedDisk disk = new SimulatedDisk(new SplittableRandom(1));
    private final EngineOptions options = EngineOptions.inMemory().withTime(clock);
    private final MemoryBackend model = MemoryBackend.stepped(clock);
    private final List<Asked> waiting = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    private final List<Lease> modelLeases = new ArrayList<>();
    private Engine.Stepped engine;
    private Session session;
    private Session modelSession;
    private long handedOut;

    /// A take that both were asked.
    private record Asked(Take take, Pending<Taken> ofEngine, Pending<Taken> ofModel) {}

    @BeforeEach
    void open() throws IOException {
        engine = Engine.openStepped(disk, options);
        begin();
    }

    private void begin() throws IOException {
        settle();
        session = engine.engine().session(SessionSpec.of("test"));
        modelSession = model.session(SessionSpec.of("test"));
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

    private static <T> T done(CompletionStage<T> stage) {
        assertThat(stage.toCompletableFuture()).isDone();
        return stage.toCompletableFuture().join();
    }

    private void commit(Operation operation) throws IOException {
        commit(operation, operation);
    }

    private void commit(Operation ofEngine, Operation ofModel) throws IOException {
        var asked = session.commit(Commit.of(ofEngine));
        settle();
        Receipt receipt = done(asked);
        Receipt modelled = done(modelSession.commit(Commit.of(ofModel)));
        assertThat(receipt.getClass()).as("%s", receipt).isEqualTo(modelled.getClass());
    }

    private void ask(Take take) throws IOException {
        Asked asked = new Asked(take, session.take(take), modelSession.take(take));
        waiting.add(asked);
        settle();
    }

    /// Both have answered the same takes with the same messages.
    private void compare(String step) {
        for (Asked asked : List.copyOf(waiting)) {
            boolean answered = asked.ofModel().stage().toCompletableFuture().isDone();
            assertThat(asked.ofEngine().stage().toCompletableFuture().isDone())
                    .as("whether %s is answered after %s", asked.take(), step)
                    .isEqualTo(answered);
            if (answered) {
                waiting.remove(asked);
                compare(asked, step);
            }
        }
    }

    private void compare(Asked asked, String step) {
        if (!(done(asked.ofModel().stage()) instanceof Taken.Leased(_, List<Lease> expected))) {
            assertThat(done(asked.ofEngine().stage())).isInstanceOf(Taken.Refused.class);
            return;
        }
        List<Lease> got = ((Taken.Leased) done(asked.ofEngine().stage())).leases();
        assertThat(got.stream().map(LimitsOfTheModelTest::words).toList())
                .as("%s after %s", asked.take(), step)
                .isEqualTo(expected.stream().map(LimitsOfTheModelTest::words).toList());
        handedOut += got.size();
        if (!asked.take().term().equals(AUTO)) {
            leases.addAll(got);
            modelLeases.addAll(expected);
        }
    }

    private static String words(Lease lease) {
        Message message = lease.message();
        return "%d, %s of %s, delivered %d"
                .formatted(
                        lease.handle().sequence(),
                        message.type(),
                        message.group(),
                        lease.deliveries());
    }

    // What is done.

    private static Definition.Queue queue(SplittableRandom random, Groups groups) {
        Limits limits =
                Limits.NONE
                        .withRate(random.nextInt(3) == 0 ? rate(random, 1) : null)
                        .withTypes(groups.isFair() ? Limits.Each.NONE : each(random, TYPES));
        if (groups != Groups.IGNORED) limits = limits.withGroups(each(random, GROUPS));
        return Definition.Queue.builder(MAIL)
                .groups(groups)
                .typed(true)
                .limits(limits)
                .weights(Map.of("g", random.nextInt(1, 5), "h", random.nextInt(1, 3)))
                .maxInFlight(random.nextInt(4) == 0 ? random.nextInt(1, 8) : 1000)
                .paused(random.nextInt(12) == 0)
                .build();
    }

    private static Limits.Each each(SplittableRandom random, List<String> names) {
        Map<String, Limit> exceptions = new HashMap<>();
        for (String name : names) {
            if (random.nextInt(4) == 0) exceptions.put(name, limit(random));
        }
        return new Limits.Each(random.nextBoolean() ? limit(random) : null, exceptions);
    }

    private static Limit limit(SplittableRandom random) {
        return new Limit(random.nextInt(4), random.nextBoolean() ? rate(random, 10) : null);
    }

    private static Rate rate(SplittableRandom random, int slower) {
        int permits = random.nextInt(1, 8);
        Duration per = Duration.ofMillis(random.nextInt(1, 10) * 5L * slower);
        return new Rate(permits, per, random.nextInt(1, 4));
    }

    private static @Nullable String any(SplittableRandom random, List<String> names) {
        int index = random.nextInt(names.size() + 1);
        return index == names.size() ? null : names.get(index);
    }

    private Take take(SplittableRandom random, boolean fair) {
        Set<String> types =
                switch (fair ? 5 : random.nextInt(6)) {
                    case 0 -> Set.of("a");
                    case 1 -> Set.of("b", "c");
                    default -> Set.of();
                };
        Duration wait = random.nextBoolean() ? Duration.ZERO : LONG;
        Term term = random.nextInt(10) == 0 ? AUTO : WHILE_OPEN;
        int messages = term.equals(AUTO) ? 1 : random.nextInt(1, 6);
        return Take.of(MAIL, messages, term, wait).withTypes(types);
    }

    private String step(SplittableRandom random, Groups groups) throws IOException {
        int dice = random.nextInt(100);
        if (dice < 30) {
            Message message =
                    Message.builder("text")
                            .type(groups.isFair() ? null : any(random, TYPES))
                            .group(any(random, GROUPS))
                            .priority(groups.isFair() ? 0 : random.nextInt(3))
                            .build();
            commit(new Operation.Put(MAIL, message));
            return "a put of %s in %s".formatted(message.type(), message.group());
        }
        if (dice < 50) {
            ask(take(random, groups.isFair()));
            return "a take";
        }
        if (dice < 78) {
            return settleOne(random);
        }
        if (dice < 94) {
            int millis = random.nextInt(1, 15);
            for (int i = 0; i < millis; i++) {
                clock.advance(Duration.ofMillis(1));
                settle();
                compare("a millisecond");
            }
            return millis + " ms";
        }
        if (dice < 98) {
            Definition.Queue queue = queue(random, groups);
            commit(new Operation.Define(queue, Expect.Anything.ANYTHING));
            return "the definition of " + queue;
        }
        if (dice < 99 && !waiting.isEmpty()) {
            Asked asked = waiting.get(random.nextInt(waiting.size()));
            asked.ofEngine().cancel();
            asked.ofModel().cancel();
            settle();
            return "calling off " + asked.take();
        }
        if (groups.isFair()) return "nothing: who has been served is not kept";
        restart();
        return "a restart";
    }

    private String settleOne(SplittableRandom random) throws IOException {
        if (leases.isEmpty()) return "nothing";
        int chosen = random.nextInt(leases.size());
        Outcome outcome = random.nextInt(3) == 0 ? Outcome.retry() : Outcome.done();
        Lease lease = leases.remove(chosen);
        commit(settling(lease, outcome), settling(modelLeases.remove(chosen), outcome));
        return outcome + " of " + words(lease);
    }

    private static Operation settling(Lease lease, Outcome outcome) {
        return new Operation.Settle(lease.handle(), outcome, Operation.Stale.REFUSE);
    }

    private void restart() throws IOException {
        disk.kill();
        engine = Engine.openStepped(disk, options);
        model.restart();
        begin();
        // The leases were their sessions', and takes that waited are not answered.
        waiting.clear();
        leases.clear();
        modelLeases.clear();
    }

    @ParameterizedTest
    @EnumSource
    void the_same_is_handed_out_by_both(Groups groups) throws IOException {
        for (int seed = 1; seed <= ROUNDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            commit(new Operation.Define(queue(random, groups), Expect.Anything.ANYTHING));
            List<String> steps = new ArrayList<>();
            for (int i = 0; i < STEPS; i++) {
                steps.add(step(random, groups));
                compare("seed %d, %s".formatted(seed, steps));
            }
            commit(new Operation.Remove(MAIL, Expect.Anything.ANYTHING));
            compare("the end");
            waiting.clear();
            leases.clear();
            modelLeases.clear();
        }
        assertThat(handedOut).isGreaterThan(20L * ROUNDS);
    }
}
