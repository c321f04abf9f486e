package io.millstream.junit;

import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.StoppedException;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Commits that move cursors, if things are as expected, and do nothing else, and that a crash does
/// not keep from being done: to say twice where a reader stands is as good as to say it once, and a
/// subscription would end if it were told that nobody knows.
final class SurvivingMove implements Reopened {
    private final SurvivingBackend backend;
    private final SurvivingSession session;
    private final List<Commit> commits;
    private final CompletableFuture<List<Receipt>> answer = new CompletableFuture<>();

    /// Whether the engine that was asked has crashed, and the next one is not there yet.
    private volatile boolean isBetween;

    SurvivingMove(SurvivingBackend backend, SurvivingSession session, List<Commit> commits) {
        this.backend = backend;
        this.session = session;
        this.commits = commits;
    }

    /// Whether these commits are such.
    static boolean is(List<Commit> commits) {
        return commits.stream()
                .allMatch(commit ->
                        commit.operations().stream()
                                .allMatch(one ->
                                        one instanceof Operation.MoveCursor
                                                || one instanceof Operation.CheckDefinition));
    }

    @Override
    public void open() {
        isBetween = false;
        session.current().commit(commits).whenComplete(this::answered);
    }

    private void answered(@Nullable List<Receipt> receipts, @Nullable Throwable failure) {
        if (failure != null && backend.isLostInCrash(failure)) {
            isBetween = true;
            return;
        }
        session.forget(this);
        if (failure == null) {
            answer.complete(receipts);
        } else {
            answer.completeExceptionally(failure);
        }
    }

    @Override
    public void end() {
        if (isBetween) {
            answer.completeExceptionally(
                    new StoppedException(
                            "The session was closed during a crash, before its cursor was moved"));
        }
    }

    CompletionStage<List<Receipt>> answer() {
        return answer;
    }
}
