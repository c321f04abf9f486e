package io.millstream.jobs;

import io.millstream.api.MillstreamException;

/// A queue is declared to be otherwise than this program says: nothing has changed.
public final class DeclaredOtherwiseException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    DeclaredOtherwiseException(String what) {
        super(what);
    }
}
