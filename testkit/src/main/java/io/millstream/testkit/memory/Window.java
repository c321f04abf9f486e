package io.millstream.testkit.memory;

import io.millstream.api.Credit;

import java.util.LinkedHashSet;
import java.util.Set;

/// The credit that some subscriptions of a session share. Guarded by the backend's lock.
final class Window implements Credit {

    private final MemoryBackend backend;
    private final MemorySession session;
    private final Set<MemorySubscription> subscriptions = new LinkedHashSet<>();
    private long messagesMax;
    private long bytesMax;
    private long messagesOut;
    private long bytesOut;

    Window(MemoryBackend backend, MemorySession session, int messages, long bytes) {
        this.backend = backend;
        this.session = session;
        this.messagesMax = messages;
        this.bytesMax = bytes;
    }

    boolean belongsTo(MemorySession other) {
        return session == other;
    }

    boolean admits() {
        return messagesOut < messagesMax && bytesOut < bytesMax;
    }

    void take(long bytes) {
        messagesOut++;
        bytesOut += bytes;
    }

    void giveBack(long bytes) {
        messagesOut--;
        bytesOut -= bytes;
        wakeSubscriptions();
    }

    void share(MemorySubscription subscription) {
        subscriptions.add(subscription);
    }

    void leave(MemorySubscription subscription) {
        subscriptions.remove(subscription);
    }

    @Override
    public void resize(int messages, long bytes) {
        backend.call(() -> {
            messagesMax = messages;
            bytesMax = bytes;
            wakeSubscriptions();
        });
    }

    private void wakeSubscriptions() {
        subscriptions.forEach(MemorySubscription::wake);
    }
}
