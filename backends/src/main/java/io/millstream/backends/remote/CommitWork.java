package io.millstream.backends.remote;

import io.millstream.api.Commit;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.wire.Ask;
import io.millstream.wire.Told;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Commits that one caller asked for together.
final class CommitWork extends Work {
    private final long session;
    private final List<Commit> commits;
    private final CompletableFuture<List<Receipt>> receipts = new CompletableFuture<>();

    CommitWork(long id, long session, List<Commit> commits) {
        super(id);
        this.session = session;
        this.commits = commits;
    }

    /// Whether each of them has an id, so that sending them again does them once.
    boolean repeats() {
        return !commits.isEmpty() && commits.stream().allMatch(commit -> commit.id() != null);
    }

    int count() {
        return commits.size();
    }

    CompletableFuture<List<Receipt>> receipts() {
        return receipts;
    }

    @Override
    Ask ask() {
        return new Ask.Commits(id, session, commits, List.of());
    }

    @Override
    boolean stands() {
        return false;
    }

    @Override
    boolean told(Told told) {
        switch (told) {
            case Told.Receipts answer -> receipts.complete(answer.receipts());
            case Told.Failed failed -> {
                try {
                    refuse(Problems.refusal(failed.problem()));
                } catch (RuntimeException unknown) {
                    receipts.completeExceptionally(unknown);
                }
            }
            case Told.Welcome _,
                    Told.Took _,
                    Told.Delivered _,
                    Told.Active _,
                    Told.Ended _,
                    Told.Changed _,
                    Told.Fetched _,
                    Told.Seen _ ->
                    throw odd(told);
        }
        return true;
    }

    private void refuse(Refusal refusal) {
        Receipt refused = new Receipt.Refused(Instant.now(), 0, refusal);
        receipts.complete(Collections.nCopies(commits.size(), refused));
    }

    @Override
    void failed(RuntimeException why) {
        if (why instanceof TooLargeException large) {
            refuse(new Refusal.TooLarge("A commit", large.bytes(), large.bytesMax()));
        } else {
            receipts.completeExceptionally(why);
        }
    }
}
