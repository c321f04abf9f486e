package io.millstream.engine.io;

import java.io.IOException;

/// There is no room left on the disk.
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    /// With what could not be stored.
    public DiskFullException(String message) {
        super(message);
    }
}
