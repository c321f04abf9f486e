package io.millstream.testkit.postgres;

import io.millstream.api.DeliverySink;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;

/// A running consumer. On the pump.
final class PushedTo implements Subscription, Waiter {

    private final PostgresBackend backend;
    private final PostgresSession session;
    private final Subscribe asked;
    private final Window window;
    private final DeliverySink sink;
    private long incarnation;

    PushedTo(
            PostgresBackend backend,
            PostgresSession session,
            Subscribe asked,
            Window window,
            DeliverySink sink) {
        this.backend = backend;
        this.session = session;
        this.asked = asked;
        this.window = window;
        this.sink = sink;
    }

    Subscribe asked() {
        return asked;
    }

    Window window() {
        return window;
    }

    DeliverySink sink() {
        return sink;
    }

    @Override
    public PostgresSession session() {
        return session;
    }

    @Override
    public long incarnation() {
        return incarnation;
    }

    @Override
    public void waitsAt(long queue) {
        incarnation = queue;
    }

    @Override
    public void refuse(Tx tx, Refusal why) {
        stop();
        sink.ended(why);
    }

    @Override
    public void stop() {
        backend.handing().remove(asked.queue(), this);
        window.leave(this);
    }

    @Override
    public void close() {
        backend.pump().post(this::stop);
    }
}
