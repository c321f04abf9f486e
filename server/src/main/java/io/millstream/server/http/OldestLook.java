package io.millstream.server.http;

import io.millstream.api.Backend;
import io.millstream.api.Found;
import io.millstream.api.Query;
import io.millstream.api.View.MessageState;
import io.millstream.api.View.MessageView;
import io.millstream.api.View.QueueView;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// For how long the oldest message that is ready has been there, in the queues in which most are:
/// since it was put, or its delay was over. It is looked for among the first messages of a queue
/// only; where those are all in somebody's hands it is not known.
///
/// @param waited by the names of queues
record OldestLook(Map<String, Duration> waited) {
    private static final int QUEUES_MAX = 20;
    private static final int MESSAGES_MAX = 50;
    private static final long ANSWER_MILLIS_MAX = 500;

    OldestLook {
        waited = Map.copyOf(waited);
    }

    static CompletionStage<OldestLook> at(Backend backend, QueueLook look) {
        List<QueueView> most =
                look.first().stream()
                        .filter(view -> view.counts().ready() > 0)
                        .sorted(
                                Comparator.comparingLong((QueueView view) -> view.counts().ready())
                                        .reversed())
                        .limit(QUEUES_MAX)
                        .toList();
        Map<String, Duration> waited = new HashMap<>();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (QueueView view : most) {
            var first = new Query.Browse(view.definition().name(), 0, null, MESSAGES_MAX);
            all.add(
                    backend.find(first)
                            .thenAccept(found -> add(waited, view, found))
                            // A queue may be gone by now.
                            .exceptionally(_ -> null)
                            .toCompletableFuture());
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .thenApply(_ -> new OldestLook(waited))
                // The page is worth more than this.
                .completeOnTimeout(
                        new OldestLook(Map.of()), ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS);
    }

    private static void add(
            Map<String, Duration> waited, QueueView view, Found<MessageView> found) {
        found.page().items().stream()
                .filter(message -> message.state() == MessageState.READY)
                .findFirst()
                .ifPresent(message -> {
                    Instant ready = message.stored().plus(message.message().delay());
                    Duration since = Duration.between(ready, found.asOf());
                    synchronized (waited) {
                        waited.put(
                                view.definition().name().toString(),
                                since.isNegative() ? Duration.ZERO : since);
                    }
                });
    }
}
