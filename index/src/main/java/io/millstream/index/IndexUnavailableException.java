package io.millstream.index;

import io.millstream.api.MillstreamException;

/// An index cannot be asked now; it may be asked again later.
public final class IndexUnavailableException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    /// Says why.
    IndexUnavailableException(String message) {
        super(message);
    }

    /// Says why.
    IndexUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
