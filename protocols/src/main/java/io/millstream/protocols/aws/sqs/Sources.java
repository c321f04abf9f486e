package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/// The queues that give their dead letters to one queue. They are found by looking at all.
///
/// @param store where
/// @param deadLetter which one
record Sources(Store store, ChannelName deadLetter) {

    static Sources of(Store store, ChannelName deadLetter) {
        return new Sources(store, deadLetter);
    }

    /// The first ones behind a name, in the order of their names.
    ///
    /// @param after the name, or null for the very first
    /// @param limit how many at most
    /// @param wanted which of them
    CompletionStage<List<ChannelName>> first(
            @Nullable String after, int limit, Predicate<ChannelName> wanted) {
        return look(after, limit, wanted, new ArrayList<>());
    }

    private CompletionStage<List<ChannelName>> look(
            @Nullable String after,
            int limit,
            Predicate<ChannelName> wanted,
            List<ChannelName> found) {
        return store.find(
                        new Query.Queues(ChannelName.DEFAULT_HOST, "", after, Query.PAGE_ITEMS_MAX))
                .thenCompose(page -> {
                    for (View.QueueView view : page.items()) {
                        ChannelName name = view.definition().name();
                        if (deadLetter.equals(view.definition().deadLetter())
                                && found.size() < limit
                                && wanted.test(name)) {
                            found.add(name);
                        }
                    }
                    return page.next() == null || found.size() == limit
                            ? CompletableFuture.completedStage(found)
                            : look(page.next(), limit, wanted, found);
                });
    }
}
