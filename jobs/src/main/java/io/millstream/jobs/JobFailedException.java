package io.millstream.jobs;

import io.millstream.api.MillstreamException;

/// A job that somebody awaited ended without a result.
public final class JobFailedException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    private final JobState state;

    JobFailedException(String id, JobState state, String reason) {
        super("Job %s ended as %s: %s".formatted(id, state.word(), reason));
        this.state = state;
    }

    /// How it ended.
    public JobState state() {
        return state;
    }
}
