package io.millstream.engine;

import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A running subscription. The loop's own but for [#close].
final class Consumer implements Subscription {
    private final EngineSession session;
    private final Subscribe what;
    private final Window window;
    private final DeliverySink sink;
    private long channel;

    /// What it was told last of whether it is the active one, or null.
    private @Nullable Boolean toldActive;

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

    /// Tells the subscriber whether it is the active one.
    void active(boolean active) {
        Callback.run("A delivery sink", () -> sink.active(active));
    }

    /// Whether this is to be told: that it is the active one, or that it is not. Where there is
    /// none, all get messages, which only those have to know that had been told otherwise.
    boolean becomes(boolean active, boolean thereIsOne) {
        boolean news = toldActive == null ? thereIsOne : toldActive != active;
        if (news) {
            toldActive = active;
        }
        return news;
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
