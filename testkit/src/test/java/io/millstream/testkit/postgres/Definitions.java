package io.millstream.testkit.postgres;

import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.ChannelName;
import io.millstream.api.View;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Who is told of definitions: exactly, of what this node does; of other nodes' doings by looking
/// again, so that what they do quickly one after the other is told as one change. On the pump.
final class Definitions {

    /// What a commit has done to a name.
    ///
    /// @param name which
    /// @param removed whether it is gone
    record News(ChannelName name, boolean removed) {}

    /// One watch and the versions that it has been told.
    private static final class Watcher {
        private final ChangeSink sink;
        private final Map<ChannelName, Long> known = new HashMap<>();

        Watcher(ChangeSink sink) {
            this.sink = sink;
        }

        void tell(Change change) {
            switch (change) {
                case Change.Defined(var view) -> {
                    var queue = (View.QueueView) view;
                    known.put(queue.definition().name(), queue.version());
                }
                case Change.Removed(ChannelName name) -> known.remove(name);
                case Change.Snapshot snapshot ->
                        snapshot.views().forEach(view -> known.put(view.definition().name(), 0L));
                default -> {}
            }
            sink.changed(change);
        }
    }

    private final Map<Object, Watcher> watchers = new HashMap<>();

    void start(Tx tx, Object watch, ChangeSink sink) throws SQLException {
        Looks looks = new Looks(tx);
        List<QueueRow> rows = looks.all();
        var views = looks.views(rows);
        tx.afterwards(() -> {
            Watcher watcher = new Watcher(sink);
            watchers.put(watch, watcher);
            watcher.tell(new Change.Snapshot(List.copyOf(views)));
            rows.forEach(row -> watcher.known.put(row.name(), row.version()));
        });
    }

    void stop(Object watch) {
        watchers.remove(watch);
    }

    /// Tells what a commit of this node did, when it is committed.
    void tell(Tx tx, List<News> news) throws SQLException {
        if (watchers.isEmpty()) return;
        List<Change> changes = new ArrayList<>();
        for (News one : news) {
            QueueRow queue = tx.queue(one.name());
            if (one.removed()) {
                changes.add(new Change.Removed(one.name()));
            } else if (queue != null) {
                changes.add(new Change.Defined(new Looks(tx).view(queue)));
            }
        }
        tx.afterwards(() -> {
            for (Change change : changes) {
                List.copyOf(watchers.values()).forEach(watcher -> watcher.tell(change));
            }
        });
    }

    /// Another node has changed something: tells each watch what it does not know.
    void compare(Tx tx) throws SQLException {
        if (watchers.isEmpty()) return;
        Looks looks = new Looks(tx);
        List<QueueRow> rows = looks.all();
        for (Watcher watcher : List.copyOf(watchers.values())) {
            Set<ChannelName> gone = new LinkedHashSet<>(watcher.known.keySet());
            List<Change> changes = new ArrayList<>();
            for (QueueRow row : rows) {
                gone.remove(row.name());
                if (!Long.valueOf(row.version()).equals(watcher.known.get(row.name()))) {
                    changes.add(new Change.Defined(looks.view(row)));
                }
            }
            gone.forEach(name -> changes.add(new Change.Removed(name)));
            tx.afterwards(() -> changes.forEach(watcher::tell));
        }
    }
}
