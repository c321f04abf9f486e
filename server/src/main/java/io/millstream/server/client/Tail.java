package io.millstream.server.client;

import io.millstream.api.Fetched;
import io.millstream.api.MillstreamException;
import io.millstream.api.Pending;
import io.millstream.api.TopicRecord;
import io.millstream.wire.Forms;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Prints what is read of partitions: first what was there, by time; then what comes, as it comes.
final class Tail {
    private static final Duration WAIT = Duration.ofSeconds(30);

    private final Call call;
    private final List<TailedPartition> partitions;
    private final TailCommand.Wish wish;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private long printed;

    Tail(Call call, List<TailedPartition> partitions, TailCommand.Wish wish) {
        this.call = call;
        this.partitions = partitions;
        this.wish = wish;
    }

    int run() {
        call.stop().calls(() -> stopped.complete(null));
        TailedPartition earliest = earliest();
        while (earliest != null && isMore()) {
            print(earliest.poll());
            if (printed % 100 == 0) {
                flush();
            }
            earliest = earliest();
        }
        flush();
        if (wish.follows()) {
            follow();
        }
        return Status.DONE;
    }

    private boolean isMore() {
        return printed < wish.limit() && !stopped.isDone();
    }

    private @Nullable TailedPartition earliest() {
        TailedPartition earliest = null;
        TopicRecord first = null;
        for (TailedPartition partition : partitions) {
            TopicRecord next = partition.peek();
            if (next != null && (first == null || next.stored().isBefore(first.stored()))) {
                earliest = partition;
                first = next;
            }
        }
        return earliest;
    }

    private void follow() {
        Map<TailedPartition, Pending<Fetched>> asked = new HashMap<>();
        while (isMore()) {
            for (TailedPartition partition : partitions) {
                drain(partition);
                asked.computeIfAbsent(partition, one -> one.ask(WAIT));
            }
            flush();
            if (isMore()) {
                awaitAny(asked);
            }
            asked.entrySet().removeIf(entry -> isTaken(entry.getKey(), entry.getValue()));
        }
        asked.values().forEach(Pending::cancel);
    }

    private void drain(TailedPartition partition) {
        TopicRecord next = isMore() ? partition.poll() : null;
        while (next != null) {
            print(next);
            next = isMore() ? partition.poll() : null;
        }
    }

    private void awaitAny(Map<TailedPartition, Pending<Fetched>> asked) {
        CompletableFuture<?>[] any = new CompletableFuture<?>[asked.size() + 1];
        int i = 0;
        for (Pending<Fetched> one : asked.values()) {
            any[i++] = one.stage().toCompletableFuture();
        }
        any[i] = stopped;
        // Failures are thrown where the answer is taken.
        var _ = CompletableFuture.anyOf(any).handle((_, _) -> true).join();
    }

    private static boolean isTaken(TailedPartition partition, Pending<Fetched> asked) {
        boolean isDone = asked.stage().toCompletableFuture().isDone();
        if (isDone) {
            partition.take(Answers.of(asked.stage()));
        }
        return isDone;
    }

    private void print(@Nullable TopicRecord record) {
        if (record == null) {
            return;
        }
        printed++;
        if (!call.out().isJson()) {
            call.out().bytes(record.message().body().toArray());
            call.out().newLine();
            return;
        }
        ObjectNode json =
                Json.object()
                        .put("topic", wish.topic().toString())
                        .put("partition", record.partition())
                        .put("offset", record.offset())
                        .put("stored", record.stored().toString());
        json.set("message", Json.tree(Forms.MESSAGE.write(record.message())));
        call.out().json(json);
    }

    private void flush() {
        for (TailedPartition partition : partitions) {
            long missed = partition.missed();
            if (missed > 0) {
                call.out()
                        .note(
                                "%s of topic %s were gone before they could be read."
                                        .formatted(Texts.count(missed, "record"), wish.topic()));
            }
        }
        if (!call.out().flush()) {
            throw new MillstreamException("Nobody reads what is printed any more.");
        }
    }
}
