package io.millstream.engine;

import io.millstream.api.Credit;

import java.util.ArrayList;
import java.util.List;

/// A window of leased messages, shared by the consumers of a session. The loop's own but for
/// [#resize].
final class Window implements Credit {
    private final EngineSession session;
    private final List<Consumer> consumers = new ArrayList<>();
    private int messagesMax;
    private long bytesMax;
    private int messages;
    private long bytes;

    Window(EngineSession session, int messagesMax, long bytesMax) {
        this.session = session;
        this.messagesMax = messagesMax;
        this.bytesMax = bytesMax;
    }

    @Override
    public void resize(int newMessages, long newBytes) {
        session.resize(this, newMessages, newBytes);
    }

    void resized(int newMessages, long newBytes) {
        messagesMax = newMessages;
        bytesMax = newBytes;
    }

    EngineSession session() {
        return session;
    }

    List<Consumer> consumers() {
        return consumers;
    }

    boolean isOpen() {
        return messages < messagesMax && bytes < bytesMax;
    }

    int messagesLeft() {
        return messagesMax - messages;
    }

    long bytesLeft() {
        return Math.max(1, bytesMax - bytes);
    }

    void leased(int leasedBytes) {
        messages++;
        bytes += leasedBytes;
    }

    void released(int releasedBytes) {
        messages--;
        bytes -= releasedBytes;
    }
}
