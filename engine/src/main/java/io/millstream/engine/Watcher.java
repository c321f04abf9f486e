package io.millstream.engine;

import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.Interest;
import io.millstream.api.Watch;

/// A running watch.
final class Watcher implements Watch {
    private final EngineSession session;
    private final Interest what;
    private final ChangeSink sink;
    private volatile boolean ended;

    Watcher(EngineSession session, Interest what, ChangeSink sink) {
        this.session = session;
        this.what = what;
        this.sink = sink;
    }

    @Override
    public void close() {
        ended = true;
        session.end(this);
    }

    Interest what() {
        return what;
    }

    EngineSession session() {
        return session;
    }

    void tell(Change change) {
        if (!ended) {
            Callback.run("A change sink", () -> sink.changed(change));
        }
    }
}
