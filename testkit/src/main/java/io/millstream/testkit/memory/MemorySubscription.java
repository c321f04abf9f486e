package io.millstream.testkit.memory;

import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Term;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A consumer that is pushed to. Guarded by the backend's lock.
final class MemorySubscription implements Subscription {

    private final MemoryBackend backend;
    private final MemorySession session;
    private final Subscribe what;
    private final Window window;
    private final DeliverySink sink;
    private @Nullable MemoryQueue queue;
    private long number;
    private @Nullable Boolean toldActive;

    MemorySubscription(
            MemoryBackend backend,
            MemorySession session,
            Subscribe what,
            Window window,
            DeliverySink sink) {
        this.backend = backend;
        this.session = session;
        this.what = what;
        this.window = window;
        this.sink = sink;
    }

    void start(MemoryQueue source) {
        queue = source;
        number = backend.store().next();
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

    int priority() {
        return what.priority();
    }

    /// Whether its deliveries settle what they deliver.
    boolean settles() {
        return what.term() instanceof Term.Auto;
    }

    boolean isExclusive() {
        return what.exclusive();
    }

    /// Smaller than that of those which began later.
    long number() {
        return number;
    }

    /// Tells whether it is the active one if that is news; where nobody is, only if it had been
    /// told that it is not.
    void stands(boolean active, boolean oneIsActive) {
        boolean news = toldActive == null ? oneIsActive : toldActive != active;
        if (!news) return;
        toldActive = active;
        backend.store().outbox().add(() -> sink.active(active));
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
        return queue.lease(entry, what.term(), session, window);
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
