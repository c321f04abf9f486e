package io.millstream.protocols.http;

import io.millstream.api.ConnectionLostException;
import io.millstream.api.MillstreamException;
import io.millstream.api.StoppedException;
import io.millstream.wire.MalformedException;
import io.millstream.wire.Problem;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

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

    /// What to tell of a failure.
    ///
    /// @param sessionIsGone that its session has ended, or null if it has not
    static ProblemException of(
            Throwable failure, Supplier<@Nullable ProblemException> sessionIsGone) {
        return switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null ->
                    of(wrapped.getCause(), sessionIsGone);
            case ProblemException problem -> problem;
            case MalformedException wrong ->
                    Trouble.MALFORMED.at(wrong.path(), String.valueOf(wrong.getMessage()));
            case StoppedException stopped ->
                    Trouble.STORE_AWAY.with(
                            "Whether it was done is not known: " + stopped.getMessage());
            case ConnectionLostException lost ->
                    Trouble.STORE_AWAY.with(
                            "Whether it was done is not known: " + lost.getMessage());
            case MillstreamException fault ->
                    Trouble.STORE_AWAY.with(String.valueOf(fault.getMessage()));
            case IllegalStateException _ when sessionIsGone.get() != null ->
                    Objects.requireNonNull(sessionIsGone.get());
            default ->
                    Trouble.BUG.with(
                            "The server failed before it knew the end of this request, which may"
                                    + " have been done or not. Its log has the details.");
        };
    }

    Trouble trouble() {
        return trouble;
    }

    Problem problem() {
        return problem;
    }
}
