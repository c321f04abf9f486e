package io.millstream.server.users;

import io.millstream.api.MillstreamException;

/// A change of users that was refused; nothing has changed.
public final class RosterException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /// Why it was refused.
    public enum Reason {
        /// What was asked for makes no sense.
        WRONG(400),
        /// There is no such user or key.
        ABSENT(404),
        /// It does not go with the users there are.
        CONFLICT(409);

        private final int status;

        Reason(int status) {
            this.status = status;
        }

        /// The status of HTTP that says so.
        public int status() {
            return status;
        }
    }

    /// With what happened, to what, and what to do.
    public RosterException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /// Why.
    public Reason reason() {
        return reason;
    }
}
