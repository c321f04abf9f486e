package io.millstream.server.http;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Found;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View.QueueCounts;
import io.millstream.api.View.QueueView;
import io.millstream.jobs.Jobs;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// All queues at a glance: the first ones by name one by one, the others added up, so that neither
/// a page nor the metrics grow with the number of queues.
///
/// @param first the first by name, at most [#NAMED_MAX]
/// @param others how many more there are
/// @param rest what those hold together
/// @param ofJobs what all queues hold together that jobs wait in
/// @param dead how many dead jobs are kept
record QueueLook(
        List<QueueView> first, int others, QueueCounts rest, QueueCounts ofJobs, long dead) {

    /// The most queues that are shown by name.
    static final int NAMED_MAX = 100;

    private static final QueueCounts NOTHING = new QueueCounts(0, 0, 0, 0, 0, 0, 0, 0, 0);

    QueueLook {
        first = List.copyOf(first);
    }

    /// No queues.
    static QueueLook empty() {
        return new QueueLook(List.of(), 0, NOTHING, NOTHING, 0);
    }

    /// Looks at the queues page by page, without holding more than one page.
    static CompletionStage<QueueLook> at(Backend backend) {
        return continued(backend, empty(), null);
    }

    private static CompletionStage<QueueLook> continued(
            Backend backend, QueueLook seen, @Nullable String after) {
        var query = new Query.Queues(ChannelName.DEFAULT_HOST, "", after, Query.PAGE_ITEMS_MAX);
        return backend.find(query)
                .thenApply(Found::page)
                .thenCompose(page -> next(backend, seen.with(page), page));
    }

    private static CompletionStage<QueueLook> next(
            Backend backend, QueueLook seen, Page<QueueView> page) {
        return page.next() == null
                ? CompletableFuture.completedStage(seen)
                : continued(backend, seen, page.next());
    }

    private QueueLook with(Page<QueueView> page) {
        List<QueueView> named = new ArrayList<>(first);
        QueueCounts sum = rest;
        QueueCounts jobs = ofJobs;
        long deadJobs = dead;
        int more = others;
        for (QueueView view : page.items()) {
            if (Jobs.isOfJobs(view.definition())) {
                jobs = plus(jobs, view.counts());
            } else if (view.definition().name().equals(Jobs.deadQueue())) {
                deadJobs = view.counts().messages();
            }
            if (named.size() < NAMED_MAX) {
                named.add(view);
            } else {
                sum = plus(sum, view.counts());
                more++;
            }
        }
        return new QueueLook(named, more, sum, jobs, deadJobs);
    }

    private static QueueCounts plus(QueueCounts a, QueueCounts b) {
        return new QueueCounts(
                a.ready() + b.ready(),
                a.leased() + b.leased(),
                a.delayed() + b.delayed(),
                a.bytes() + b.bytes(),
                a.stored() + b.stored(),
                a.done() + b.done(),
                a.dead() + b.dead(),
                a.expired() + b.expired(),
                a.kept() + b.kept());
    }
}
