package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Operation.WhenFull;
import io.millstream.api.Query;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Target;
import io.millstream.api.View;

import java.util.List;

/// The words of the contracts about routing.
abstract class RoutingFixture extends BackendContract {

    static ChannelName name(String name) {
        return ChannelName.of(name);
    }

    final ChannelName exchange(String name, ExchangeKind kind) {
        commit(defining(Definition.Exchange.of(name(name), kind)));
        return name(name);
    }

    final ChannelName exchange(Definition.Exchange exchange) {
        commit(defining(exchange));
        return exchange.name();
    }

    /// Binds a queue, which is defined if it is not there.
    final void bind(ChannelName exchange, String queue, String pattern) {
        bind(Definition.Binding.of(exchange, name(queue), pattern));
    }

    final void bind(Definition.Binding binding) {
        if (binding.id().target() instanceof Target.Channel(ChannelName queue)
                && find(new Query.QueueNamed(queue)).items().isEmpty()
                && !isTopic(queue)) {
            define(queue.name());
        }
        commit(defining(binding));
    }

    private boolean isTopic(ChannelName name) {
        return backend().capabilities().has(Feature.TOPICS)
                && !find(new Query.TopicNamed(name)).items().isEmpty();
    }

    final void bindExchange(ChannelName from, ChannelName to, String pattern) {
        bind(Definition.Binding.of(new BindingName(from, new Target.Exchange(to), pattern, "")));
    }

    static Operation.Unbind unbinding(ChannelName exchange, String queue, String pattern) {
        return new Operation.Unbind(
                new BindingName(exchange, new Target.Channel(name(queue)), pattern, ""),
                Expect.Anything.ANYTHING);
    }

    static Operation.Publish publishing(ChannelName exchange, String key, Message message) {
        return new Operation.Publish(exchange, key, message, WhenFull.REFUSE);
    }

    static Operation.Publish publishing(ChannelName exchange, String key, String text) {
        return publishing(exchange, key, Message.of(text));
    }

    final Effect.Routed publish(ChannelName exchange, String key, Message message) {
        return (Effect.Routed) commit(publishing(exchange, key, message)).effects().getFirst();
    }

    final Effect.Routed publish(ChannelName exchange, String key, String text) {
        return publish(exchange, key, Message.of(text));
    }

    static List<String> targets(Effect.Routed routed) {
        return routed.reached().stream().map(reached -> reached.target().name()).toList();
    }

    /// A message published with this key reaches exactly these, and a dry run says so before.
    final void assertReaches(ChannelName exchange, String key, String... queues) {
        assertReaches(exchange, key, Message.of(key), queues);
    }

    final void assertReaches(ChannelName exchange, String key, Message message, String... queues) {
        assertThat(route(exchange, key, message).targets())
                .extracting(ChannelName::name)
                .containsExactly(queues);
        assertThat(targets(publish(exchange, key, message))).containsExactly(queues);
    }

    final View.RouteView route(ChannelName exchange, String key, Message message) {
        List<View.RouteView> views = find(new Query.Route(exchange, key, message)).items();
        assertThat(views).hasSize(1);
        return views.getFirst();
    }
}
