package io.millstream.api;

/// The backend has ended before it answered. Whether the operation happened is **unknown**: it is
/// not confirmed, and after the next start it may be found done or not. Nothing more is answered
/// before that; asking again is in vain. See [ConnectionLostException] for one that goes on.
public final class StoppedException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    /// With why it stopped.
    public StoppedException(String message) {
        super(message);
    }

    /// With why it stopped and what caused that.
    public StoppedException(String message, Throwable cause) {
        super(message, cause);
    }
}
