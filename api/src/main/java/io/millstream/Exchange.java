package io.millstream;

import io.millstream.api.Backend;
import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Filter;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Operation.WhenFull;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.Target;
import io.millstream.api.View;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// An exchange: what is published to it goes to the queues and topics whose bindings take it.
///
/// Threading, blocking and failures are those of [Millstream].
public final class Exchange {
    private final Backend backend;
    private final Session session;
    private final ChannelName name;

    Exchange(Backend backend, Session session, ChannelName name) {
        this.backend = backend;
        this.session = session;
        this.name = name;
    }

    /// What it is called.
    public ChannelName name() {
        return name;
    }

    /// Publishes a text. Blocks until it is on disk in every queue that it goes to.
    ///
    /// @param key what the bindings are compared with
    /// @return where it is
    public Receipt.Effect.Routed publish(String key, String text) {
        return publish(key, Message.of(text));
    }

    /// Publishes a message to all targets or none. Blocks until it is on disk, and as long as the
    /// store is busy.
    ///
    /// @param key what the bindings are compared with
    /// @return where it is; nowhere, if no binding takes it
    /// @throws RefusedException if the exchange is gone, or a target does not take the message
    public Receipt.Effect.Routed publish(String key, Message message) {
        Commit commit = Commit.of(publishing(key, message, WhenFull.REFUSE));
        return (Receipt.Effect.Routed) Waiting.forRoom(session, commit).effects().getFirst();
    }

    /// Publishes without waiting. The stage completes with the receipt when the message is on disk
    /// or refused; refused as [Refusal.Busy], it is the caller's to send again.
    public CompletionStage<Receipt> publishAsync(String key, Message message) {
        Operation publish = publishing(key, message, WhenFull.REFUSE);
        return Waiting.apart(session.commit(Commit.of(publish)));
    }

    /// The operation that publishes a message, for [Millstream#commit].
    ///
    /// @param key what the bindings are compared with
    /// @param whenFull what happens if a target is full
    public Operation publishing(String key, Message message, WhenFull whenFull) {
        return new Operation.Publish(name, key, message, whenFull);
    }

    /// Has a queue or topic of the same virtual host, which must be there, get what fits `pattern`.
    ///
    /// @param pattern as the exchange's kind reads it
    public Exchange bind(String channel, String pattern) {
        return bind(Definition.Binding.of(name, in(channel), pattern));
    }

    /// The same for messages that `filter` lets through only. There is one binding of a channel and
    /// a pattern: another one with another filter takes its place.
    public Exchange bind(String channel, String pattern, Filter filter) {
        return bind(Definition.Binding.of(name, in(channel), pattern).withFilter(filter));
    }

    /// Has another exchange get what fits `pattern`.
    public Exchange bind(Exchange other, String pattern) {
        return bind(
                Definition.Binding.of(
                        new BindingName(name, new Target.Exchange(other.name), pattern, "")));
    }

    /// Defines a binding from this exchange, or changes it.
    ///
    /// @throws RefusedException if its target is not there, or it makes no sense here
    public Exchange bind(Definition.Binding binding) {
        commit(new Operation.Define(binding, Expect.Anything.ANYTHING));
        return this;
    }

    /// Removes the binding of a queue or topic and a pattern.
    ///
    /// @throws RefusedException if there is none
    public Exchange unbind(String channel, String pattern) {
        BindingName binding = new BindingName(name, new Target.Channel(in(channel)), pattern, "");
        commit(new Operation.Unbind(binding, Expect.Anything.ANYTHING));
        return this;
    }

    private ChannelName in(String channel) {
        return new ChannelName(name.host(), channel);
    }

    /// Where a message would go that is published now, and what each binding says to it.
    ///
    /// @throws RefusedException if the exchange is gone
    public View.RouteView route(String key, Message message) {
        List<View.RouteView> views =
                Waiting.on(backend.find(new Query.Route(name, key, message))).page().items();
        if (views.isEmpty()) {
            throw new RefusedException(new Refusal.NoSuchExchange(name));
        }
        return views.getFirst();
    }

    /// Removes it with all bindings from and to it.
    public void remove() {
        commit(new Operation.RemoveExchange(name, false, Expect.Anything.ANYTHING));
    }

    private void commit(Operation operation) {
        var _ = Waiting.forRoom(session, Commit.of(operation));
    }
}
