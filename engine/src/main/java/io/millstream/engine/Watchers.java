package io.millstream.engine;

import io.millstream.api.Bytes;
import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Interest;
import io.millstream.api.View;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.State;
import io.millstream.engine.state.Tables;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Tells those who watch what has changed, once it is durable. The loop's own.
final class Watchers {
    private final Journal journal;
    private final Answers answers;
    private final Set<Watcher> all = new LinkedHashSet<>();
    private Change.Pressure pressure = new Change.Pressure(true, "");

    Watchers(Journal journal, Answers answers) {
        this.journal = journal;
        this.answers = answers;
    }

    void begin(Watcher watcher) {
        if (watcher.session().isEnded()) {
            return;
        }
        Change first =
                switch (watcher.what()) {
                    case Interest.Pressure ignored -> pressure;
                    case Interest.Definitions ignored -> snapshot(journal.state());
                    case Interest.Rows rows -> snapshot(rows);
                };
        all.add(watcher);
        tell(watcher, first);
    }

    private static Change snapshot(State state) {
        ChannelName lowest = new ChannelName("\0", "\0");
        List<View.ChannelView> views = new ArrayList<>();
        state.queuesFrom(lowest, true).values().forEach(queue -> views.add(Finder.viewOf(queue)));
        state.topics()
                .from(lowest, true)
                .values()
                .forEach(topic -> views.add(Finder.viewOf(topic)));
        return new Change.Snapshot(views);
    }

    private Change snapshot(Interest.Rows interest) {
        List<View.RowView> views = new ArrayList<>();
        for (var row : tables().from(interest.table(), interest.prefix(), true).entrySet()) {
            if (!row.getKey().startsWith(interest.prefix())) {
                break;
            }
            views.add(Finder.viewOf(row.getKey(), row.getValue()));
        }
        return new Change.RowSnapshot(views);
    }

    private Tables tables() {
        return journal.state().tables();
    }

    void end(Watcher watcher) {
        all.remove(watcher);
    }

    void closed(EngineSession session) {
        all.removeIf(watcher -> watcher.session() == session);
    }

    void defined(View.ChannelView view) {
        tell(Interest.Definitions.class, new Change.Defined(view));
    }

    void removed(ChannelName name) {
        tell(Interest.Definitions.class, new Change.Removed(name));
    }

    /// A row was written or removed.
    void written(Entry.RowWritten row) {
        for (Watcher watcher : all) {
            if (watcher.what() instanceof Interest.Rows interest
                    && interest.table().equals(row.table())
                    && row.key().startsWith(interest.prefix())) {
                tell(watcher, changeOf(row));
            }
        }
    }

    private static Change changeOf(Entry.RowWritten row) {
        Bytes value = row.value();
        return value == null
                ? new Change.RowRemoved(row.key())
                : new Change.RowChanged(
                        Finder.viewOf(
                                row.key(), new Tables.Row(value, row.version(), row.expiresAt())));
    }

    /// Whether publishes are taken from now on; told only if that is new.
    void pressure(boolean accepting, String why) {
        if (accepting != pressure.accepting()) {
            pressure = new Change.Pressure(accepting, why);
            tell(Interest.Pressure.class, pressure);
        }
    }

    private void tell(Class<? extends Interest> interest, Change change) {
        for (Watcher watcher : all) {
            if (interest.isInstance(watcher.what())) {
                tell(watcher, change);
            }
        }
    }

    private void tell(Watcher watcher, Change change) {
        answers.whenDurable(journal.mark(), () -> watcher.tell(change), () -> {});
    }
}
