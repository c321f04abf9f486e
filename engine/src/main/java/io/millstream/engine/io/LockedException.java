package io.millstream.engine.io;

import java.io.IOException;

/// Another engine has the directory.
public final class LockedException extends IOException {
    private static final long serialVersionUID = 1L;

    /// With which directory, and what to do.
    public LockedException(String message) {
        super(message);
    }
}
