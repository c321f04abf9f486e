package io.millstream.backends.remote;

import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.Interest;
import io.millstream.api.Refusal;
import io.millstream.api.Watch;
import io.millstream.wire.Ask;
import io.millstream.wire.Told;

/// A watch, which begins again over each connection, with a snapshot.
final class RemoteWatch extends Work implements Watch {
    private final RemoteSession session;
    private final Interest what;
    private final ChangeSink sink;
    private volatile boolean over;

    RemoteWatch(RemoteSession session, Interest what, ChangeSink sink) {
        super(session.line().number());
        this.session = session;
        this.what = what;
        this.sink = sink;
    }

    @Override
    Ask ask() {
        return new Ask.Watch(id, session.number(), what);
    }

    @Override
    boolean stands() {
        return true;
    }

    @Override
    boolean told(Told told) {
        return switch (told) {
            case Told.Changed(long _, Change change) -> {
                boolean isLast = change instanceof Change.Refused;
                if (isLast) {
                    over = true;
                    session.ended(this, false);
                }
                sink.changed(change);
                yield isLast;
            }
            case Told.Failed failed -> {
                over = true;
                session.ended(this, false);
                sink.changed(new Change.Refused(Problems.end(failed.problem())));
                yield true;
            }
            case Told.Welcome _,
                    Told.Receipts _,
                    Told.Took _,
                    Told.Delivered _,
                    Told.Active _,
                    Told.Ended _,
                    Told.Fetched _,
                    Told.Seen _ ->
                    throw odd(told);
        };
    }

    @Override
    void failed(RuntimeException why) {
        if (!over) {
            over = true;
            sink.changed(new Change.Refused(new Refusal.Invalid(String.valueOf(why.getMessage()))));
        }
    }

    @Override
    public void close() {
        if (!over) {
            over = true;
            session.ended(this, true);
        }
    }
}
