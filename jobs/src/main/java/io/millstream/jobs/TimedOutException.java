package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// An attempt took longer than [JobOptions#timeout] allows; what its handler made of the
/// interruption is the cause. A [Retry] may have a rule for it.
public final class TimedOutException extends Exception {
    private static final long serialVersionUID = 1L;

    TimedOutException(Duration timeout, @Nullable Throwable cause) {
        super("It took longer than " + timeout, cause);
    }
}
