package io.millstream.protocols.http;

import io.millstream.api.ConnectionLostException;
import io.millstream.api.MillstreamException;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.StoppedException;
import io.millstream.wire.MalformedException;
import io.millstream.wire.Problem;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/// A request that comes to nothing, and what its sender is told. Made by [Trouble].
public final class ProblemException extends RuntimeException {
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
            case RefusedException refused -> of(refused.refusal());
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

    /// What to tell of a refusal of the store.
    public static ProblemException of(Refusal refusal) {
        Trouble trouble =
                switch (refusal) {
                    case Refusal.NoSuchChannel _, Refusal.NoSuchExchange _ ->
                            Trouble.NO_SUCH_CHANNEL;
                    case Refusal.Conflict _, Refusal.StaleFence _, Refusal.Duplicate _ ->
                            Trouble.CONFLICT;
                    case Refusal.IsFull _ -> Trouble.IS_FULL;
                    case Refusal.Busy _ -> Trouble.NO_ROOM;
                    case Refusal.TooLarge _ -> Trouble.TOO_LARGE;
                    case Refusal.NotSupported _ -> Trouble.NOT_SUPPORTED;
                    case Refusal.Invalid _ -> Trouble.MALFORMED;
                };
        return trouble.with(refusal.text());
    }

    Trouble trouble() {
        return trouble;
    }

    /// What its sender is told.
    public Problem problem() {
        return problem;
    }
}
