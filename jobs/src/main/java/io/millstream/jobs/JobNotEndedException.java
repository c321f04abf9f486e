package io.millstream.jobs;

import io.millstream.api.MillstreamException;

import java.time.Duration;

/// A job that somebody awaited did not end in time. It goes on, and may be awaited again.
public final class JobNotEndedException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    JobNotEndedException(String id, Duration wait) {
        super(
                ("Job %s has not ended within %s. It goes on; await it again, or look whether a"
                                + " worker runs that knows its type.")
                        .formatted(id, wait));
    }
}
