package io.millstream.api;

/// A fault that a caller can rarely mend on the spot; the message says what to do.
public class MillstreamException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// With what happened, to what, and what to do.
    public MillstreamException(String message) {
        super(message);
    }

    /// With what happened, to what, what to do, and what caused it.
    public MillstreamException(String message, Throwable cause) {
        super(message, cause);
    }
}
