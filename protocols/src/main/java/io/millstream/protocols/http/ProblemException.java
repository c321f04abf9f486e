package io.millstream.protocols.http;

import io.millstream.wire.Problem;

/// A request that comes to nothing, and what its sender is told.
final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Trouble trouble;
    private final transient Problem problem;

    ProblemException(Trouble trouble, Problem problem) {
        super(problem.detail());
        this.trouble = trouble;
        this.problem = problem;
    }

    Trouble trouble() {
        return trouble;
    }

    Problem problem() {
        return problem;
    }
}
