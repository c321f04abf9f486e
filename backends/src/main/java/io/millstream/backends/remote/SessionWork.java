package io.millstream.backends.remote;

import io.millstream.api.SessionSpec;
import io.millstream.wire.Ask;
import io.millstream.wire.Told;

/// A session as the server has it.
final class SessionWork extends Work {
    private final SessionSpec spec;

    SessionWork(long id, SessionSpec spec) {
        super(id);
        this.spec = spec;
    }

    String name() {
        return spec.name();
    }

    @Override
    Ask ask() {
        return new Ask.Open(id, spec);
    }

    @Override
    boolean stands() {
        return true;
    }

    /// That it could not be opened is told by all that is asked of it, too.
    @Override
    boolean told(Told told) {
        return false;
    }

    @Override
    void failed(RuntimeException why) {}
}
