package io.millstream.backends.remote;

import io.millstream.api.ConnectionLostException;
import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.wire.Ask;
import io.millstream.wire.Consume;
import io.millstream.wire.Told;

import java.util.List;

/// A consumer, which begins again over each connection.
final class RemoteSubscription extends Work implements Subscription {
    private final RemoteSession session;
    private final Subscribe what;
    private final DeliverySink sink;
    private volatile boolean active;
    private volatile boolean over;

    RemoteSubscription(RemoteSession session, Subscribe what, DeliverySink sink) {
        super(session.line().number());
        this.session = session;
        this.what = what;
        this.sink = sink;
    }

    @Override
    Ask ask() {
        return new Ask.Subscribe(id, session.number(), Consume.of(what, window(what.credit())));
    }

    private static Consume.Window window(Credit credit) {
        if (credit instanceof RemoteCredit own) {
            return own.window();
        }
        throw new IllegalArgumentException(
                "This window is another backend's. Ask this session for one.");
    }

    @Override
    boolean stands() {
        return true;
    }

    @Override
    boolean told(Told told) {
        switch (told) {
            case Told.Delivered(long _, List<Lease> leases) -> sink.deliver(leases);
            case Told.Active(long _, boolean now) -> {
                active = now;
                sink.active(now);
            }
            case Told.Ended(long _, Refusal why) -> {
                return end(why);
            }
            case Told.Failed failed -> {
                return end(Problems.end(failed.problem()));
            }
            case Told.Welcome _,
                    Told.Receipts _,
                    Told.Took _,
                    Told.Changed _,
                    Told.Fetched _,
                    Told.Seen _ ->
                    throw odd(told);
        }
        return false;
    }

    private boolean end(Refusal why) {
        if (!over) {
            over = true;
            session.ended(this, false);
            sink.ended(why);
        }
        return true;
    }

    @Override
    void failed(RuntimeException why) {
        end(new Refusal.Invalid(String.valueOf(why.getMessage())));
    }

    @Override
    void interrupted(ConnectionLostException why) {
        if (active && !over) {
            active = false;
            sink.active(false);
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
