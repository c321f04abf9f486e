package io.millstream.api;

import java.util.List;

/// What a [Session#watch] is told.
public sealed interface Change {

    /// Whether publishes are being taken from now on.
    ///
    /// @param accepting false while they are refused as busy
    /// @param why in words for a person; empty when accepting
    record Pressure(boolean accepting, String why) implements Change {}

    /// A channel was defined, or is part of the first snapshot.
    ///
    /// @param view as it is now
    record Defined(View.ChannelView view) implements Change {}

    /// A channel was removed.
    ///
    /// @param name which
    record Removed(ChannelName name) implements Change {}

    /// The first snapshot of a watch over definitions, complete.
    ///
    /// @param views all there are
    record Snapshot(List<View.ChannelView> views) implements Change {
        /// Copies the views.
        public Snapshot {
            views = List.copyOf(views);
        }
    }

    /// The first snapshot of a watch over rows, complete.
    ///
    /// @param rows all there are, in the order of their keys
    record RowSnapshot(List<View.RowView> rows) implements Change {
        /// Copies the rows.
        public RowSnapshot {
            rows = List.copyOf(rows);
        }
    }

    /// A row was written.
    ///
    /// @param row as it is now
    record RowChanged(View.RowView row) implements Change {}

    /// A row was removed.
    ///
    /// @param key which
    record RowRemoved(String key) implements Change {}

    /// The backend does not offer this watch.
    ///
    /// @param refusal why
    record Refused(Refusal refusal) implements Change {}
}
