package io.millstream.testkit.memory;

import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.Interest;
import io.millstream.api.Watch;

/// A watch that is told of definitions or rows as long as it is open. Guarded by the backend's
/// lock.
final class MemoryWatch implements Watch {

    private final MemoryBackend backend;
    private final MemorySession session;
    private final Interest what;
    private final ChangeSink sink;

    MemoryWatch(MemoryBackend backend, MemorySession session, Interest what, ChangeSink sink) {
        this.backend = backend;
        this.session = session;
        this.what = what;
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

    boolean wantsDefinitions() {
        return what instanceof Interest.Definitions;
    }

    boolean wantsRow(String table, String key) {
        return what instanceof Interest.Rows rows
                && rows.table().equals(table)
                && key.startsWith(rows.prefix());
    }

    void tell(Change change) {
        backend.store().outbox().add(() -> sink.changed(change));
    }

    @Override
    public void close() {
        backend.call(this::stop);
    }
}
