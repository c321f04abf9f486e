package io.millstream.protocols.http;

import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Interest;
import io.millstream.api.View;
import io.millstream.api.Watch;
import io.millstream.protocols.access.Principal;
import io.millstream.wire.Told;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// One watch over a line, which shows what its user may do something with. It is told by the
/// store's thread and used on the line's event loop.
final class LineWatch implements LineWork {
    private static final int ITEM_BYTES = 1_024;

    private final Line line;
    private final long id;
    private final LineSession session;
    private final List<Need> needs;
    private @Nullable Watch watch;
    private boolean over;

    private LineWatch(Line line, long id, LineSession session, List<Need> needs) {
        this.line = line;
        this.id = id;
        this.session = session;
        this.needs = needs;
    }

    static LineWatch begin(Line line, long id, LineSession session, Interest interest) {
        LineWatch begun = new LineWatch(line, id, session, Rights.of(interest));
        Rights.demand(begun.needs, line.who());
        begun.watch =
                session.session()
                        .watch(
                                interest,
                                change -> line.context().runOnContext(_ -> begun.changed(change)));
        return begun;
    }

    private void changed(Change change) {
        if (over) {
            return;
        }
        Principal who = line.who();
        ProblemException forbidden = Rights.missing(needs, who);
        if (forbidden != null) {
            cancel();
            line.failed(id, forbidden, 0);
            return;
        }
        Change shown = shown(change, who);
        if (shown != null) {
            long bytes = bytes(shown);
            line.premises().answers().hold(bytes);
            line.out().tell(new Told.Changed(id, shown), bytes, List.of());
        }
        if (change instanceof Change.Refused) {
            cancel();
        }
    }

    private static @Nullable Change shown(Change change, Principal who) {
        return switch (change) {
            case Change.Defined defined -> isShown(defined.view(), who) ? defined : null;
            case Change.Removed removed -> isShown(removed.name(), who) ? removed : null;
            case Change.Snapshot snapshot ->
                    new Change.Snapshot(
                            snapshot.views().stream().filter(view -> isShown(view, who)).toList());
            case Change.Pressure _,
                    Change.RowSnapshot _,
                    Change.RowChanged _,
                    Change.RowRemoved _,
                    Change.Refused _ ->
                    change;
        };
    }

    private static boolean isShown(View.ChannelView view, Principal who) {
        return isShown(nameOf(view), who);
    }

    private static ChannelName nameOf(View.ChannelView view) {
        return switch (view) {
            case View.QueueView queue -> queue.definition().name();
            case View.TopicView topic -> topic.definition().name();
        };
    }

    private static boolean isShown(ChannelName name, Principal who) {
        return !Closed.isChannel(name) && who.mayAnything(name);
    }

    private static long bytes(Change change) {
        return switch (change) {
            case Change.Snapshot snapshot -> (1L + snapshot.views().size()) * ITEM_BYTES;
            case Change.RowSnapshot snapshot ->
                    ITEM_BYTES
                            + snapshot.rows().stream()
                                    .mapToLong(row -> ITEM_BYTES + row.value().length())
                                    .sum();
            case Change.RowChanged changed -> ITEM_BYTES + changed.row().value().length();
            case Change.Defined _,
                    Change.Removed _,
                    Change.Pressure _,
                    Change.RowRemoved _,
                    Change.Refused _ ->
                    ITEM_BYTES;
        };
    }

    @Override
    public void cancel() {
        if (!over) {
            over = true;
            if (watch != null) {
                watch.close();
            }
            line.done(id);
        }
    }

    @Override
    public boolean endsWith(LineSession ended) {
        return ended == session;
    }
}
