package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Looks at what the backend has of schedules.
///
/// @param backend where
record ScheduleLooks(Backend backend) {

    /// Rows, and what time it was at the last look.
    ///
    /// @param views the rows
    /// @param asOf the backend's clock
    record Rows(List<View.RowView> views, Instant asOf) {}

    /// All schedules, in the order of their names.
    Rows schedules() {
        return all(ScheduleRow.TABLE, "");
    }

    /// One schedule, or none.
    Rows schedule(String name) {
        Page<View.RowView> page =
                Answer.of(backend.find(new Query.Rows(ScheduleRow.TABLE, name, null, 1))).page();
        List<View.RowView> found =
                page.items().stream().filter(row -> row.key().equals(name)).toList();
        return new Rows(found, page.asOf());
    }

    /// Runs that have not ended.
    ///
    /// @param prefix of their ids
    List<View.RowView> runs(String prefix) {
        return all(Runs.TABLE, prefix).views();
    }

    private Rows all(String table, String prefix) {
        List<View.RowView> views = new ArrayList<>();
        @Nullable String after = null;
        while (true) {
            Page<View.RowView> page =
                    Answer.of(
                                    backend.find(
                                            new Query.Rows(
                                                    table, prefix, after, Query.PAGE_ITEMS_MAX)))
                            .page();
            views.addAll(page.items());
            after = page.next();
            if (after == null) {
                return new Rows(views, page.asOf());
            }
        }
    }

    /// Whether there is no message in a queue, or no such queue.
    boolean isEmpty(ChannelName queue) {
        return Answer.of(backend.find(new Query.QueueNamed(queue))).page().items().stream()
                .allMatch(view -> view.counts().messages() == 0);
    }
}
