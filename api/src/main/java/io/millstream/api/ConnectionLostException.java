package io.millstream.api;

/// The connection to a backend that is elsewhere was lost before it answered. Whether the operation
/// happened is **unknown**, and the backend goes on: it may be asked again on the same session.
///
/// A commit that is sent again with the same [CommitId] happens once, where [Feature#COMMIT_IDS] is
/// supported, also on another session and after the backend was started anew: send the whole list
/// again, as it was. Without ids, send again what is harmless twice: what is guarded by a version
/// or a lease, which is refused the second time, or what is deduplicated; otherwise look first.
/// What a lost take had leased comes back when those leases end.
///
/// A backend that has ended fails with [StoppedException] instead.
public final class ConnectionLostException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    /// With what was lost.
    public ConnectionLostException(String message) {
        super(message);
    }

    /// With what was lost and what caused that.
    public ConnectionLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
