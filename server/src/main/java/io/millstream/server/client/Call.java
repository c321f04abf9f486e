package io.millstream.server.client;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Found;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;
import io.millstream.jobs.Jobs;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/// A command at work.
///
/// @param millstream the server
/// @param index what is asked of the server's search index
/// @param out where it prints
/// @param input what is piped into it
/// @param stop whether somebody asks it to stop
record Call(Millstream millstream, IndexPages index, Output out, Input input, Stop stop) {

    /// Something that is done with jobs.
    @FunctionalInterface
    interface WithJobs {
        int run(Jobs jobs) throws IOException;
    }

    int withJobs(WithJobs work) throws IOException {
        try (Jobs jobs = Jobs.over(millstream)) {
            return work.run(jobs);
        }
    }

    /// Something that is done to each of what was named.
    @FunctionalInterface
    interface ToEach<T> {
        int run(T one) throws IOException;
    }

    /// Tries all that was named, whatever becomes of the others; each that is refused is told. The
    /// first status that is not good is the one of all.
    <T> int each(List<T> all, ToEach<T> deed) throws IOException {
        int status = Status.DONE;
        for (T one : all) {
            int its = all.size() == 1 ? deed.run(one) : tried(one, deed);
            status = status == Status.DONE ? its : status;
        }
        return status;
    }

    private <T> int tried(T one, ToEach<T> deed) throws IOException {
        try {
            return deed.run(one);
        } catch (RefusedException | IllegalArgumentException refused) {
            out.note(String.valueOf(refused.getMessage()));
            return Status.FAILED;
        }
    }

    <V extends View> Page<V> look(Query<V> query) {
        Found<V> found = Answers.of(millstream.backend().find(query));
        return found.page();
    }

    /// The only thing that a query shows, or null if there is none.
    <V extends View> @Nullable V one(Query<V> query) {
        Page<V> page = look(query);
        return page.items().isEmpty() ? null : page.items().getFirst();
    }

    /// Page after page, until something is enough.
    ///
    /// @param query by where the last page ended, null for the first one
    /// @param isEnough asked for each
    <V extends View> void each(Function<@Nullable String, Query<V>> query, Predicate<V> isEnough) {
        var _ = first(query, isEnough);
    }

    /// The first thing that is as asked, page after page, or null if there is none.
    ///
    /// @param query by where the last page ended, null for the first one
    /// @param isAsked asked for each
    <V extends View> @Nullable V first(
            Function<@Nullable String, Query<V>> query, Predicate<V> isAsked) {
        String after = null;
        do {
            Page<V> page = look(query.apply(after));
            for (V item : page.items()) {
                if (isAsked.test(item)) {
                    return item;
                }
            }
            after = page.next();
        } while (after != null);
        return null;
    }

    /// @throws RefusedException if there is none
    View.QueueView queue(ChannelName name) {
        View.QueueView view = one(new Query.QueueNamed(name));
        if (view == null) {
            throw new RefusedException(
                    new Refusal.Invalid(
                            ("There is no queue %s. See millstream queues list, or make it:"
                                            + " millstream queues declare %s")
                                    .formatted(name, name)));
        }
        return view;
    }
}
