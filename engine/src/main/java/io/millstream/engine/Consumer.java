package io.millstream.engine;

import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;

import java.util.List;

/// A running subscription. The loop's own but for [#close].
final class Consumer implements Subscription {
    private final EngineSession session;
    private final Subscribe what;
    private final Window window;
    private final DeliverySink sink;
    private long channel;

    Consumer(EngineSession session, Subscribe what, Window window, DeliverySink sink) {
        this.session = session;
        this.what = what;
        this.window = window;
        this.sink = sink;
    }

    @Override
    public void close() {
        session.end(this);
    }

    EngineSession session() {
        return session;
    }

    Subscribe what() {
        return what;
    }

    Window window() {
        return window;
    }

    /// Hands leases to the subscriber, whose mistakes are its own.
    void deliver(List<Lease> leases) {
        Callback.run("A delivery sink", () -> sink.deliver(leases));
    }

    /// Tells the subscriber that nothing more will come.
    void ended(Refusal why) {
        Callback.run("A delivery sink", () -> sink.ended(why));
    }

    long channel() {
        return channel;
    }

    void consumesFrom(long newChannel) {
        channel = newChannel;
    }
}
