package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.api.View;

import java.util.ArrayList;
import java.util.List;

/// Looks at what the backend has of schedules.
///
/// @param backend where
record ScheduleLooks(Backend backend) {

    /// All schedules, in the order of their names.
    List<View.RowView> schedules() {
        return all(ScheduleRow.TABLE, "");
    }

    /// One schedule.
    RowLook schedule(String name) {
        return RowLook.at(backend, ScheduleRow.TABLE, name);
    }

    /// Runs that have not ended.
    ///
    /// @param prefix of their ids
    List<View.RowView> runs(String prefix) {
        return all(Runs.TABLE, prefix);
    }

    private List<View.RowView> all(String table, String prefix) {
        List<View.RowView> rows = new ArrayList<>();
        new Pages(backend).eachRow(table, prefix, rows::add);
        return rows;
    }

    /// Whether there is no message in a queue, or no such queue.
    boolean isEmpty(ChannelName queue) {
        return Answer.of(backend.find(new Query.QueueNamed(queue))).page().items().stream()
                .allMatch(view -> view.counts().messages() == 0);
    }
}
