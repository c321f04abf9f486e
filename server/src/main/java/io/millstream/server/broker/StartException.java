package io.millstream.server.broker;

import io.millstream.api.MillstreamException;

/// The server could not start, for a reason outside of it. Whatever it had opened is closed again.
public final class StartException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    /// With what happened, to what, and what to do.
    public StartException(String message) {
        super(message);
    }

    /// With what happened, to what, what to do, and what caused it.
    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
