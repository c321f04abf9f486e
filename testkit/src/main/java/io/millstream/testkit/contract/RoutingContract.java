package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Target;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A message that is published to an exchange is in the queues whose bindings take it, all at once
/// and with the commit that it is a part of.
public abstract class RoutingContract extends RoutingFixture {

    @BeforeEach
    void needs_routing() {
        needs(Feature.QUEUES, Feature.ROUTING);
    }

    // What is published is put.

    @Test
    void a_fanout_exchange_gives_a_message_to_each_queue() {
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(orders, "a", "");
        bind(orders, "b", "whatever");
        define("c");

        Effect.Routed routed = publish(orders, "key", "1");

        assertThat(targets(routed)).containsExactly("a", "b");
        assertThat(routed.skipped()).isEmpty();
        assertThat(routed.alternate()).isFalse();
        assertReadyInOrder(name("a"), "1");
        assertReadyInOrder(name("b"), "1");
        assertNothingToTake(name("c"));
    }

    @Test
    void the_receipt_names_the_place_in_each_queue() {
        needs(Feature.BROWSE);
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(orders, "a", "");
        bind(orders, "b", "");
        put(name("b"), "before");

        Effect.Routed routed = publish(orders, "", "1");

        for (Effect.Reached reached : routed.reached()) {
            List<View.MessageView> views =
                    find(new Query.Browse(reached.target(), 10, null, 10)).items();
            assertThat(reached.effect()).isEqualTo(new Effect.Stored(views.getLast().sequence()));
            assertThat(views.getLast().message().text()).isEqualTo("1");
        }
        assertThat(routed.reached()).hasSize(2);
    }

    @Test
    void a_message_arrives_with_all_that_it_was_published_with() {
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(orders, "a", "");
        bind(orders, "b", "");
        Message message =
                Message.builder("body").header("h", "v").id("id").correlationId("c").build();

        publish(orders, "", message);

        assertThat(takeOne(name("a")).message()).isEqualTo(message);
        assertThat(takeOne(name("b")).message()).isEqualTo(message);
    }

    @Test
    void each_queue_settles_its_own_copy() {
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(orders, "a", "");
        bind(orders, "b", "");
        publish(orders, "", "1");

        finish(takeOne(name("a")));

        assertNothingToTake(name("a"));
        Lease lease = takeOne(name("b"));
        assertThat(lease.message().text()).isEqualTo("1");
        assertThat(lease.deliveries()).isEqualTo(1);
        retry(lease);
        assertReadyInOrder(name("b"), "1");
    }

    @Test
    void whoever_waits_for_a_queue_gets_what_is_routed_to_it() {
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(orders, "a", "");
        var waiting = waitFor(name("a"), 1);

        publish(orders, "", "1");

        assertThat(texts(leased(waiting))).containsExactly("1");
    }

    @Test
    void what_no_binding_takes_goes_nowhere_and_the_receipt_says_so() {
        ChannelName orders = exchange("orders", ExchangeKind.DIRECT);
        bind(orders, "a", "x");

        Effect.Routed routed = publish(orders, "y", "1");

        assertThat(routed.isNowhere()).isTrue();
        assertNothingToTake(name("a"));
    }

    @Test
    void an_exchange_that_is_not_there_refuses() {
        assertThat(
                        refusal(Refusal.NoSuchExchange.class, publishing(name("absent"), "", "1"))
                                .name())
                .isEqualTo(name("absent"));
        assertThat(find(new Query.Route(name("absent"), "", Message.of("1"))).items()).isEmpty();
    }

    // Commits.

    @Test
    void publishing_and_settling_happen_together_or_not_at_all() {
        needs(Feature.ATOMIC_COMMIT);
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(orders, "a", "");
        define("work");
        put(name("work"), "job");
        Lease job = takeOne(name("work"));

        Receipt.Refused refused =
                refused(publishing(orders, "", "1"), putting(name("absent"), "x"), finishing(job));
        assertThat(refused.operation()).isEqualTo(1);
        assertNothingToTake(name("a"));

        commit(publishing(orders, "", "2"), finishing(job));
        assertReadyInOrder(name("a"), "2");
        assertThat(counts(name("work")).done()).isEqualTo(1);
    }

    @Test
    void a_publish_sees_what_the_commit_has_defined_before_it() {
        needs(Feature.ATOMIC_COMMIT);
        ChannelName orders = name("orders");
        define("a");
        define("b");

        Receipt.Committed receipt =
                commit(
                        defining(Definition.Exchange.of(orders, ExchangeKind.DIRECT)),
                        defining(Definition.Binding.of(orders, name("a"), "k")),
                        defining(Definition.Binding.of(orders, name("b"), "k")),
                        publishing(orders, "k", "1"),
                        unbinding(orders, "a", "k"),
                        publishing(orders, "k", "2"),
                        removing(name("b")),
                        publishing(orders, "k", "3"));

        assertThat(targets((Effect.Routed) receipt.effects().get(3))).containsExactly("a", "b");
        assertThat(targets((Effect.Routed) receipt.effects().get(5))).containsExactly("b");
        assertThat(((Effect.Routed) receipt.effects().get(7)).isNowhere()).isTrue();
        assertReadyInOrder(name("a"), "1");
    }

    @Test
    void several_publishes_of_a_commit_keep_their_order() {
        needs(Feature.ATOMIC_COMMIT);
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(orders, "a", "");
        bind(orders, "b", "");

        commit(
                publishing(orders, "", "1"),
                putting(name("b"), "2"),
                publishing(orders, "", "3"),
                putting(name("a"), "4"));

        assertReadyInOrder(name("a"), "1", "3", "4");
        assertReadyInOrder(name("b"), "1", "2", "3");
    }

    @Test
    void a_message_that_one_target_does_not_take_for_its_size_is_refused() {
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(orders, "a", "");
        define(Definition.Queue.of(name("small")).withMessageBytesMax(3));
        bind(orders, "small", "");

        refusal(Refusal.TooLarge.class, publishing(orders, "", "four"));

        assertNothingToTake(name("a"));
        assertReaches(orders, "", Message.of("fou"), "a", "small");
    }

    // Definitions.

    @Test
    void exchanges_have_names_of_their_own() {
        define("same");
        exchange("same", ExchangeKind.FANOUT);
        bind(name("same"), "same", "");

        assertReaches(name("same"), "", "same");
    }

    @Test
    void a_binding_needs_its_exchange_and_its_target() {
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);

        refusal(
                Refusal.NoSuchChannel.class,
                defining(Definition.Binding.of(orders, name("absent"), "")));
        define("a");
        refusal(
                Refusal.NoSuchExchange.class,
                defining(Definition.Binding.of(name("absent"), name("a"), "")));
        refusal(
                Refusal.NoSuchExchange.class,
                defining(
                        Definition.Binding.of(
                                new BindingName(
                                        orders, new Target.Exchange(name("absent")), "", ""))));
    }

    @Test
    void exchanges_and_bindings_have_versions() {
        Definition.Exchange orders = Definition.Exchange.of(name("orders"), ExchangeKind.DIRECT);
        long first = changed(new Operation.Define(orders, Expect.Nothing.NOTHING));
        refusal(Refusal.Conflict.class, new Operation.Define(orders, Expect.Nothing.NOTHING));
        long second = changed(new Operation.Define(orders, new Expect.Version(first)));
        assertThat(second).isGreaterThan(first);

        define("a");
        Definition.Binding binding = Definition.Binding.of(name("orders"), name("a"), "k");
        long bound = changed(new Operation.Define(binding, Expect.Nothing.NOTHING));
        assertThat(
                        refusal(
                                        Refusal.Conflict.class,
                                        new Operation.Define(binding, Expect.Nothing.NOTHING))
                                .version())
                .isEqualTo(bound);
        refusal(
                Refusal.Conflict.class,
                new Operation.Unbind(binding.id(), new Expect.Version(bound + 1)));
        commit(new Operation.Unbind(binding.id(), new Expect.Version(bound)));
        assertThat(refusal(Refusal.Conflict.class, unbinding(name("orders"), "a", "k")).version())
                .isZero();
    }

    private long changed(Operation operation) {
        return ((Effect.Changed) commit(operation).effects().getFirst()).version();
    }

    @Test
    void an_exchange_keeps_its_kind() {
        exchange("orders", ExchangeKind.DIRECT);

        refusal(
                Refusal.Invalid.class,
                defining(Definition.Exchange.of(name("orders"), ExchangeKind.FANOUT)));
    }

    @Test
    void a_binding_is_its_exchange_target_pattern_and_label() {
        ChannelName orders = exchange("orders", ExchangeKind.DIRECT);
        bind(orders, "a", "1");
        bind(orders, "a", "2");
        Target a = new Target.Channel(name("a"));
        bind(Definition.Binding.of(new BindingName(orders, a, "1", "label")));
        bind(
                Definition.Binding.of(orders, name("a"), "1")
                        .withArguments(Map.of("note", "changed")));

        List<View.BindingView> views = bindings(null, null);
        assertThat(views)
                .extracting(view -> view.definition().id())
                .containsExactly(
                        new BindingName(orders, a, "1", ""),
                        new BindingName(orders, a, "1", "label"),
                        new BindingName(orders, a, "2", ""));
        assertThat(views.getFirst().definition().arguments()).containsEntry("note", "changed");
        assertThat(targets(publish(orders, "1", "once"))).containsExactly("a");
        assertReadyInOrder(name("a"), "once");
    }

    @Test
    void exchanges_and_bindings_can_be_listed() {
        ChannelName one = exchange("e-one", ExchangeKind.FANOUT);
        ChannelName two = exchange("e-two", ExchangeKind.TOPIC);
        exchange("other", ExchangeKind.FANOUT);
        bind(one, "a", "");
        bind(one, "b", "");
        bind(two, "a", "x.#");
        bindExchange(one, two, "");

        assertThat(find(new Query.Exchanges("/", "e-", null, 10)).items())
                .extracting(view -> view.definition().name().name(), View.ExchangeView::bindings)
                .containsExactly(tuple("e-one", 3), tuple("e-two", 1));
        assertThat(find(new Query.ExchangeNamed(two)).items())
                .extracting(view -> view.definition().kind())
                .containsExactly(ExchangeKind.TOPIC);
        assertThat(bindings(one, null)).hasSize(3);
        assertThat(bindings(null, new Target.Channel(name("a")))).hasSize(2);
        assertThat(bindings(one, new Target.Channel(name("a")))).hasSize(1);
        assertThat(bindings(null, new Target.Exchange(two))).hasSize(1);
        assertThat(bindings(null, null)).hasSize(4);
    }

    /// Asked for one by one, so that pages are gone on with.
    private List<View.BindingView> bindings(
            @Nullable ChannelName exchange, @Nullable Target target) {
        List<View.BindingView> all = new ArrayList<>();
        String after = null;
        do {
            var page = find(new Query.Bindings("/", exchange, target, after, 1));
            all.addAll(page.items());
            after = page.next();
        } while (after != null);
        assertThat(find(new Query.Bindings("/", exchange, target, null, 100)).items())
                .isEqualTo(all);
        return all;
    }

    // Removal.

    @Test
    void removing_a_queue_removes_the_bindings_to_it() {
        ChannelName orders = exchange("orders", ExchangeKind.FANOUT);
        bind(orders, "a", "");
        bind(orders, "b", "");

        commit(removing(name("a")));
        define("a");

        assertThat(bindings(orders, null)).hasSize(1);
        assertReaches(orders, "", "b");
    }

    @Test
    void removing_an_exchange_removes_the_bindings_from_and_to_it() {
        ChannelName one = exchange("one", ExchangeKind.FANOUT);
        ChannelName two = exchange("two", ExchangeKind.FANOUT);
        bindExchange(one, two, "");
        bind(two, "a", "");
        refusal(
                Refusal.Invalid.class,
                new Operation.RemoveExchange(two, true, Expect.Anything.ANYTHING));

        commit(new Operation.RemoveExchange(two, false, Expect.Anything.ANYTHING));

        assertThat(bindings(null, null)).isEmpty();
        refusal(
                Refusal.NoSuchExchange.class,
                new Operation.RemoveExchange(two, false, Expect.Anything.ANYTHING));
        exchange("two", ExchangeKind.DIRECT);
        assertReaches(one, "");
    }

    @Test
    void exchanges_bindings_and_what_was_routed_survive_a_restart() {
        ChannelName orders = exchange("orders", ExchangeKind.TOPIC);
        bind(orders, "a", "x.*");
        bind(orders, "b", "#");
        publish(orders, "x.y", "1");
        finish(takeOne(name("a")));

        restart();

        assertNothingToTake(name("a"));
        assertReadyInOrder(name("b"), "1");
        assertReaches(orders, "x.y", "a", "b");
        assertReaches(orders, "x", "b");
    }
}
