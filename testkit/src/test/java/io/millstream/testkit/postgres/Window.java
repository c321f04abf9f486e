package io.millstream.testkit.postgres;

import io.millstream.api.Credit;

import java.util.LinkedHashSet;
import java.util.Set;

/// The credit that some subscriptions of a session share. On the pump.
final class Window implements Credit {

    private final PostgresBackend backend;
    private final PostgresSession session;
    private final Set<PushedTo> subscriptions = new LinkedHashSet<>();
    private long messagesMax;
    private long bytesMax;
    private long messagesOut;
    private long bytesOut;

    Window(PostgresBackend backend, PostgresSession session, int messages, long bytes) {
        this.backend = backend;
        this.session = session;
        this.messagesMax = messages;
        this.bytesMax = bytes;
    }

    boolean belongsTo(PostgresSession other) {
        return session.equals(other);
    }

    /// How many messages more it admits, after so many messages and bytes.
    long room(long messages, long bytes) {
        return bytesOut + bytes < bytesMax ? Math.max(0, messagesMax - messagesOut - messages) : 0;
    }

    void take(long bytes) {
        messagesOut++;
        bytesOut += bytes;
    }

    void giveBack(long bytes) {
        messagesOut--;
        bytesOut -= bytes;
        stir();
    }

    void share(PushedTo subscription) {
        subscriptions.add(subscription);
    }

    void leave(PushedTo subscription) {
        subscriptions.remove(subscription);
    }

    @Override
    public void resize(int messages, long bytes) {
        backend.pump()
                .post(() -> {
                    messagesMax = messages;
                    bytesMax = bytes;
                    stir();
                });
    }

    private void stir() {
        subscriptions.forEach(one -> backend.handing().touch(one.asked().queue()));
    }
}
