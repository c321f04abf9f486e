package io.millstream.engine;

import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Feature;
import io.millstream.api.Interest;
import io.millstream.api.Refusal;
import io.millstream.api.View;
import io.millstream.engine.state.State;

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
        Change first =
                switch (watcher.what()) {
                    case Interest.Pressure ignored -> pressure;
                    case Interest.Definitions ignored -> snapshot(journal.state());
                    case Interest.Rows ignored ->
                            new Change.Refused(new Refusal.NotSupported(Feature.WATCH_ROWS));
                };
        if (!(first instanceof Change.Refused)) {
            all.add(watcher);
        }
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
