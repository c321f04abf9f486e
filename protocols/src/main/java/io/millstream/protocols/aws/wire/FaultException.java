package io.millstream.protocols.aws.wire;

import io.millstream.api.ConnectionLostException;
import io.millstream.api.StoppedException;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletionException;

/// Carries a [Fault] to the edge that answers. Has no stack trace: it is an answer, not a bug.
public final class FaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Fault fault;

    FaultException(Fault fault) {
        super(fault.message(), null, false, false);
        this.fault = fault;
    }

    /// The error to tell.
    public Fault fault() {
        return fault;
    }

    /// The fault inside `thrown`, as stages wrap it, or null if it is something else.
    public static @Nullable Fault in(Throwable thrown) {
        return cause(thrown) instanceof FaultException e ? e.fault : null;
    }

    /// Whether the store has ended or could not be reached: then nobody knows what was done, and
    /// nothing is wrong here.
    public static boolean isOfStore(Throwable cause) {
        return cause instanceof StoppedException || cause instanceof ConnectionLostException;
    }

    /// What a stage failed with, without the wrapping that stages add.
    public static Throwable cause(Throwable thrown) {
        Throwable cause = thrown.getCause();
        return thrown instanceof CompletionException && cause != null ? cause(cause) : thrown;
    }
}
