package io.millstream.engine;

import io.millstream.api.Receipt;
import io.millstream.engine.state.PreparedCommit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A list of commits on its way through the loop, which may have to stop between two of them for
/// room.
final class CommitWork {
    private final List<PreparedCommit> commits;
    private final List<Receipt> receipts;
    private final CompletableFuture<List<Receipt>> answer = new CompletableFuture<>();

    private final RoomWait roomWait = new RoomWait();

    CommitWork(List<PreparedCommit> commits) {
        this.commits = commits;
        this.receipts = new ArrayList<>(commits.size());
    }

    /// How long it has been waiting for room.
    RoomWait roomWait() {
        return roomWait;
    }

    boolean isDone() {
        return receipts.size() == commits.size();
    }

    PreparedCommit next() {
        return commits.get(receipts.size());
    }

    void receive(Receipt receipt) {
        receipts.add(receipt);
    }

    List<PreparedCommit> commits() {
        return commits;
    }

    long bytes() {
        long bytes = 0;
        for (PreparedCommit commit : commits) {
            bytes += commit.bytes();
        }
        return bytes;
    }

    boolean publishes() {
        return commits.stream().anyMatch(PreparedCommit::publishes);
    }

    CompletableFuture<List<Receipt>> answer() {
        return answer;
    }

    void complete() {
        answer.complete(List.copyOf(receipts));
    }
}
