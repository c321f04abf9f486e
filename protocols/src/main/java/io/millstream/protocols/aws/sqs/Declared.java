package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.View;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// What queues are declared to be, as one event loop last saw it: a send depends on it, and shall
/// not take two ways to the backend instead of one.
///
/// What is remembered may be out of date. Who decides by it has the backend check that the version
/// still holds, and forgets it if not.
final class Declared {
    private static final int QUEUES_MAX = 1_000;
    private static final float LOAD = 0.75f;

    private final Store store;
    private final Map<ChannelName, View.QueueView> seen =
            new LinkedHashMap<>(16, LOAD, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<ChannelName, View.QueueView> eldest) {
                    return size() > QUEUES_MAX;
                }
            };

    Declared(Store store) {
        this.store = store;
    }

    /// The queue as it was once; a fault if there is none.
    CompletionStage<View.QueueView> of(ChannelName queue) {
        View.QueueView known = seen.get(queue);
        if (known != null) {
            return CompletableFuture.completedStage(known);
        }
        return store.queue(queue)
                .thenApply(view -> {
                    seen.put(queue, view);
                    return view;
                });
    }

    /// What is remembered of this queue does not hold any more.
    void forget(ChannelName queue) {
        seen.remove(queue);
    }
}
