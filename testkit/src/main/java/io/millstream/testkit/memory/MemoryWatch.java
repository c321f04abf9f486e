package io.millstream.testkit.memory;

import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.Watch;

/// A watch that is told of definitions as long as it is open. Guarded by the backend's lock.
final class MemoryWatch implements Watch {

    private final MemoryBackend backend;
    private final MemorySession session;
    private final ChangeSink sink;

    MemoryWatch(MemoryBackend backend, MemorySession session, ChangeSink sink) {
        this.backend = backend;
        this.session = session;
        this.sink = sink;
    }

    void start() {
        session.add(this);
        backend.store().add(this);
    }

    void stop() {
        session.remove(this);
        backend.store().remove(this);
    }

    void tell(Change change) {
        backend.store().outbox().add(() -> sink.changed(change));
    }

    @Override
    public void close() {
        backend.call(this::stop);
    }
}
