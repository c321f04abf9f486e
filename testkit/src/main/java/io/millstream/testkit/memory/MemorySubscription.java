package io.millstream.testkit.memory;

import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Refusal;
import io.millstream.api.Subscription;
import io.millstream.api.Term;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A consumer that is pushed to. Guarded by the backend's lock.
final class MemorySubscription implements Subscription {

    private final MemoryBackend backend;
    private final MemorySession session;
    private final Term term;
    private final Window window;
    private final DeliverySink sink;
    private @Nullable MemoryQueue queue;

    MemorySubscription(
            MemoryBackend backend,
            MemorySession session,
            Term term,
            Window window,
            DeliverySink sink) {
        this.backend = backend;
        this.session = session;
        this.term = term;
        this.window = window;
        this.sink = sink;
    }

    void start(MemoryQueue source) {
        queue = source;
        session.add(this);
        window.share(this);
        source.consumers().add(this);
    }

    void stop() {
        if (queue == null) return;
        queue.consumers().remove(this);
        queue = null;
        window.leave(this);
        session.remove(this);
    }

    /// Stops it and says why.
    void end(Refusal why) {
        stop();
        backend.store().outbox().add(() -> sink.ended(why));
    }

    boolean hasCredit() {
        return window.admits();
    }

    /// Has its queue look whether there is something for it.
    void wake() {
        if (queue != null) backend.store().touched(queue);
    }

    Lease lease(Entry entry) {
        if (queue == null) throw new IllegalStateException("A stopped consumer is handed nothing");
        return queue.lease(entry, term, session, window);
    }

    /// The leases leave when the lock is free, unless the session closes before.
    void deliver(List<Lease> leases) {
        List<Lease> batch = List.copyOf(leases);
        backend.store()
                .outbox()
                .add(() -> {
                    if (backend.underLock(session::isOpen)) sink.deliver(batch);
                });
    }

    @Override
    public void close() {
        backend.call(this::stop);
    }
}
