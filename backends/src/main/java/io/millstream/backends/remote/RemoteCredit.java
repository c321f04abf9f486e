package io.millstream.backends.remote;

import io.millstream.api.Credit;
import io.millstream.wire.Ask;
import io.millstream.wire.Consume;

/// A window, which the server knows by a name.
final class RemoteCredit implements Credit {
    private final RemoteSession session;
    private final String name;
    private volatile Consume.Window window;

    RemoteCredit(RemoteSession session, String name, int messages, long bytes) {
        this.session = session;
        this.name = name;
        this.window = windowOf(name, messages, bytes);
    }

    /// Less than nothing is nothing.
    private static Consume.Window windowOf(String name, int messages, long bytes) {
        return new Consume.Window(name, Math.max(0, messages), Math.max(0, bytes));
    }

    /// As large as it is now.
    Consume.Window window() {
        return window;
    }

    @Override
    public void resize(int messages, long bytes) {
        window = windowOf(name, messages, bytes);
        session.line().say(new Ask.Resize(session.number(), window));
    }
}
