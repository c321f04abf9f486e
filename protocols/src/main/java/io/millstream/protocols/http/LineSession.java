package io.millstream.protocols.http;

import io.millstream.api.Credit;
import io.millstream.api.Session;
import io.millstream.wire.Consume;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One session of a line, with the windows of its consumers. Used on the line's event loop.
final class LineSession {
    private final OpenSession open;
    private final long bytesMax;
    private final Map<String, Window> named = new HashMap<>();
    private final List<Window> windows = new ArrayList<>();
    private boolean stopped;

    LineSession(OpenSession open, long bytesMax) {
        this.open = open;
        this.bytesMax = bytesMax;
    }

    /// A window as its client wants it, and what the store gives meanwhile.
    final class Window {
        private final Credit credit;
        private int messages;
        private long bytes;
        private int holds;

        private Window(Consume.Window asked) {
            messages = asked.messages();
            bytes = asked.bytes();
            credit = session().credit(messagesNow(), bytesNow());
        }

        Credit credit() {
            return credit;
        }

        private void resize(Consume.Window asked) {
            messages = asked.messages();
            bytes = asked.bytes();
            apply();
        }

        /// Lets nothing more through until it is let go of, as often as it is held.
        void hold() {
            holds++;
            apply();
        }

        void letGo() {
            holds--;
            apply();
        }

        private void apply() {
            credit.resize(messagesNow(), bytesNow());
        }

        private boolean isShut() {
            return stopped || holds > 0;
        }

        private int messagesNow() {
            return isShut() ? 0 : messages;
        }

        private long bytesNow() {
            return isShut() ? 0 : Math.min(bytes, bytesMax);
        }
    }

    OpenSession open() {
        return open;
    }

    Session session() {
        return open.session();
    }

    /// The window that a consumer asks for: the one of its name, with the size that it says now.
    Window window(Consume.Window asked) {
        Window known = asked.name() == null ? null : named.get(asked.name());
        if (known != null) {
            known.resize(asked);
            return known;
        }
        Window made = new Window(asked);
        windows.add(made);
        if (asked.name() != null) {
            named.put(asked.name(), made);
        }
        return made;
    }

    /// Gives the window of a name another size. One that no consumer has named is not there yet,
    /// and gets its size from the first that does.
    void resize(Consume.Window asked) {
        Window known = asked.name() == null ? null : named.get(asked.name());
        if (known != null) {
            known.resize(asked);
        }
    }

    /// Forgets a window without a name, whose consumer has ended.
    void forget(Window window) {
        if (!named.containsValue(window)) {
            windows.remove(window);
        }
    }

    /// Whether its consumers get nothing for now.
    void setStopped(boolean stopped) {
        this.stopped = stopped;
        windows.forEach(Window::apply);
    }
}
