package io.millstream.server.http;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Found;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View.PartitionView;
import io.millstream.api.View.TopicView;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// All topics at a glance, as [QueueLook] shows queues: the first ones by name one by one, the
/// others added up.
///
/// @param first the first by name, at most [QueueLook#NAMED_MAX]
/// @param others how many more there are
/// @param rest what those hold together
record TopicLook(List<TopicView> first, int others, Held rest) {

    TopicLook {
        first = List.copyOf(first);
    }

    /// What is kept.
    record Held(long partitions, long records, long bytes) {
        static final Held NOTHING = new Held(0, 0, 0);

        static Held of(TopicView view) {
            Held held = NOTHING;
            for (PartitionView one : view.partitions()) {
                held = held.plus(new Held(1, one.records(), one.bytes()));
            }
            return held;
        }

        Held plus(Held more) {
            return new Held(
                    partitions + more.partitions, records + more.records, bytes + more.bytes);
        }
    }

    /// No topics.
    static TopicLook empty() {
        return new TopicLook(List.of(), 0, Held.NOTHING);
    }

    /// Looks at the topics page by page, without holding more than one page.
    static CompletionStage<TopicLook> at(Backend backend) {
        return continued(backend, empty(), null);
    }

    private static CompletionStage<TopicLook> continued(
            Backend backend, TopicLook seen, @Nullable String after) {
        var query = new Query.Topics(ChannelName.DEFAULT_HOST, "", after, Query.PAGE_ITEMS_MAX);
        return backend.find(query)
                .thenApply(Found::page)
                .thenCompose(page -> next(backend, seen.with(page), page));
    }

    private static CompletionStage<TopicLook> next(
            Backend backend, TopicLook seen, Page<TopicView> page) {
        return page.next() == null
                ? CompletableFuture.completedStage(seen)
                : continued(backend, seen, page.next());
    }

    private TopicLook with(Page<TopicView> page) {
        List<TopicView> named = new ArrayList<>(first);
        Held sum = rest;
        int more = others;
        for (TopicView view : page.items()) {
            if (named.size() < QueueLook.NAMED_MAX) {
                named.add(view);
            } else {
                sum = sum.plus(Held.of(view));
                more++;
            }
        }
        return new TopicLook(named, more, sum);
    }
}
