package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.protocols.aws.sqs.Store;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// All subscriptions of a topic, as they are among the bindings of its exchange.
final class Roster {
    private final Store store;

    Roster(Store store) {
        this.store = store;
    }

    /// All of them, also those that wait for their confirmation and those that were ended.
    CompletionStage<List<Subscription>> of(ChannelName topic) {
        return more(topic, null, new ArrayList<>());
    }

    private CompletionStage<List<Subscription>> more(
            ChannelName topic, @Nullable String after, List<Subscription> found) {
        var query = new Query.Bindings(topic.host(), topic, null, after, Query.PAGE_ITEMS_MAX);
        return store.find(query)
                .thenCompose(page -> {
                    for (View.BindingView view : page.items()) {
                        if (Subscription.is(view.definition())) {
                            found.add(new Subscription(view.definition(), view.version()));
                        }
                    }
                    return page.next() == null
                            ? CompletableFuture.completedStage(found)
                            : more(topic, page.next(), found);
                });
    }
}
