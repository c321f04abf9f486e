package io.millstream.jobs;

import io.millstream.api.MillstreamException;

/// Something else was submitted under the key of a [Once] before: nothing was submitted now.
public final class UsedOtherwiseException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    UsedOtherwiseException(Once once) {
        super(
                ("Under the key %s other jobs were submitted before, and that is known for %s."
                                + " Use another key for these.")
                        .formatted(once.key(), once.keep()));
    }
}
