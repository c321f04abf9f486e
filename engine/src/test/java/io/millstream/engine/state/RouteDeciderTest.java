package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Definition.Binding;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Target;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// What a commit does to exchanges and bindings is the same whether it is one commit or several.
class RouteDeciderTest {
    private static final ChannelName EXCHANGE = ChannelName.of("e");
    private static final ChannelName QUEUE = ChannelName.of("q");
    private static final int BINDINGS_MAX = 10_000;

    /// A store of which only the state matters.
    private static final class Store {
        private final State state = new State(1 << 20);
        private long position = 4096;

        Decision decide(List<Operation> operations) {
            PreparedCommit commit = PreparedCommit.of(new Commit(null, operations), state.now());
            return Decider.decide(state, commit, 1 << 20);
        }

        List<Effect> commit(Operation... operations) {
            Decision decision = decide(List.of(operations));
            assertThat(decision).isInstanceOf(Decision.Accepted.class);
            Decision.Accepted accepted = (Decision.Accepted) decision;
            for (Entry entry : accepted.entries()) {
                state.apply(entry, position, 100);
                position += 100;
            }
            return accepted.effects();
        }

        Refusal refusal(Operation... operations) {
            Decision decision = decide(List.of(operations));
            assertThat(decision).isInstanceOf(Decision.Rejected.class);
            return ((Decision.Rejected) decision).refusal();
        }

        Map<BindingName, Routes.Binding> bindings() {
            return new TreeMap<>(
                    state.routes().bindingsFrom(Routes.firstOf(new ChannelName("\0", "\0")), true));
        }
    }

    private static Operation define(Definition definition) {
        return new Operation.Define(definition, Expect.Anything.ANYTHING);
    }

    private static Operation bind(int number) {
        return define(Binding.of(EXCHANGE, QUEUE, "k" + number));
    }

    private static Operation unbind(int number) {
        return new Operation.Unbind(
                Binding.of(EXCHANGE, QUEUE, "k" + number).id(), Expect.Anything.ANYTHING);
    }

    private static Operation[] binds(int from, int to) {
        return IntStream.range(from, to).mapToObj(RouteDeciderTest::bind).toArray(Operation[]::new);
    }

    private static Operation exchange(ChannelName name) {
        return define(Definition.Exchange.of(name, ExchangeKind.TOPIC));
    }

    @Test
    void the_bindings_of_an_exchange_are_counted_as_earlier_operations_leave_them() {
        Store store = new Store();
        store.commit(define(Definition.Queue.of(QUEUE)), exchange(EXCHANGE));
        store.commit(binds(0, BINDINGS_MAX - 2));

        store.commit(bind(BINDINGS_MAX - 2), bind(BINDINGS_MAX - 1));

        assertThat(store.refusal(bind(BINDINGS_MAX))).isInstanceOf(Refusal.IsFull.class);
        assertThat(store.refusal(unbind(7), bind(7), bind(BINDINGS_MAX)))
                .isInstanceOf(Refusal.IsFull.class);
        store.commit(bind(5), unbind(5), bind(BINDINGS_MAX), bind(6));
        assertThat(store.state.routes().bindingsOfCount(EXCHANGE)).isEqualTo(BINDINGS_MAX);
        assertThat(store.refusal(bind(5))).isInstanceOf(Refusal.IsFull.class);
        store.commit(
                new Operation.Remove(QUEUE, Expect.Anything.ANYTHING),
                define(Definition.Queue.of(QUEUE)),
                bind(1),
                bind(2));
        assertThat(store.state.routes().bindingsOfCount(EXCHANGE)).isEqualTo(2);
        assertThat(store.refusal(new Operation.RemoveExchange(EXCHANGE, true, anything())))
                .isInstanceOf(Refusal.Invalid.class);
        store.commit(
                unbind(1), unbind(2), new Operation.RemoveExchange(EXCHANGE, true, anything()));
    }

    private static Expect anything() {
        return Expect.Anything.ANYTHING;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void one_commit_does_what_several_do(int seed) {
        Random random = new Random(seed);
        Store together = new Store();
        Store apart = new Store();
        int accepted = 0;
        for (int round = 0; round < 1500; round++) {
            List<Operation> operations = new ArrayList<>();
            for (int i = random.nextInt(1, 9); i > 0; i--) {
                operations.add(operation(random));
            }
            if (together.decide(operations) instanceof Decision.Accepted) {
                accepted++;
                List<Effect> effects = together.commit(operations.toArray(Operation[]::new));
                for (int i = 0; i < operations.size(); i++) {
                    List<Effect> alone = apart.commit(operations.get(i));
                    assertThat(alone).hasSize(1);
                    assertThat(targets(alone.getFirst())).isEqualTo(targets(effects.get(i)));
                }
                assertThat(together.bindings()).isEqualTo(apart.bindings());
            }
        }
        assertThat(accepted).isGreaterThan(100);
    }

    private static Object targets(Effect effect) {
        return effect instanceof Effect.Routed routed
                ? routed.reached().stream().map(Effect.Reached::target).toList()
                : effect;
    }

    private static ChannelName name(Random random) {
        return ChannelName.of("n" + random.nextInt(3));
    }

    private static Operation operation(Random random) {
        ChannelName name = name(random);
        return switch (random.nextInt(12)) {
            case 0, 1 -> exchange(name);
            case 2, 3 -> define(Definition.Queue.of(name));
            case 4 -> new Operation.Remove(name, anything());
            case 5 -> new Operation.RemoveExchange(name, random.nextInt(3) == 0, anything());
            case 6 -> new Operation.Unbind(id(name, random), anything());
            case 7, 8 ->
                    new Operation.Publish(name, "p0", Message.of("x"), Operation.WhenFull.REFUSE);
            default -> define(Binding.of(id(name, random)));
        };
    }

    private static BindingName id(ChannelName exchange, Random random) {
        Target target =
                random.nextInt(3) == 0
                        ? new Target.Exchange(name(random))
                        : new Target.Channel(name(random));
        return new BindingName(exchange, target, random.nextBoolean() ? "#" : "p0", "");
    }
}
