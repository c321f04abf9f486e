package io.millstream.protocols.http;

import io.millstream.api.ChannelName;
import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Refusal;
import io.millstream.api.Subscription;
import io.millstream.api.Term;
import io.millstream.protocols.room.Room;
import io.millstream.wire.Consume;
import io.millstream.wire.Told;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// One consumer over a line. What comes takes room before it is told; where there is none, it goes
/// back, and nothing comes until there is. Its user is asked about with each delivery.
///
/// It is told by the store's thread and used on the line's event loop.
final class LineConsumer implements DeliverySink, LineWork {
    private static final int SMALL_BYTES = 128;

    private final Line line;
    private final long id;
    private final LineSession session;
    private final ChannelName queue;
    private final boolean returns;
    private final LineSession.Window window;
    private @Nullable Subscription subscription;
    private Room.@Nullable Place place;
    private long awaited;
    private boolean over;

    private LineConsumer(Line line, long id, LineSession session, Consume consume) {
        this.line = line;
        this.id = id;
        this.session = session;
        this.queue = consume.queue();
        this.returns = !(consume.term() instanceof Term.Auto);
        this.window = session.window(consume.window());
    }

    static LineConsumer begin(Line line, long id, LineSession session, Consume consume) {
        Rights.demand(Rights.reading(consume.queue()), line.who());
        LineConsumer begun = new LineConsumer(line, id, session, consume);
        begun.subscription = session.session().consume(consume.with(begun.window.credit()), begun);
        return begun;
    }

    @Override
    public void deliver(List<Lease> leases) {
        Room room = line.premises().answers();
        long bytes = leases.stream().mapToLong(Taking::bytes).sum();
        boolean small = bytes <= line.premises().limits().smallAnswerBytesMax();
        if (small || !returns) {
            room.hold(bytes);
        } else if (!room.tryHold(bytes)) {
            line.premises().giveBack(leases);
            line.context().runOnContext(_ -> awaitRoom(bytes));
            return;
        }
        line.context().runOnContext(_ -> tell(leases, bytes));
    }

    /// What settles itself by being delivered cannot go back, and is told also behind the end.
    private void tell(List<Lease> leases, long bytes) {
        ProblemException forbidden =
                over ? null : Rights.missing(Rights.reading(queue), line.who());
        if (forbidden != null || (over && returns)) {
            line.premises().answers().free(bytes);
            line.premises().giveBack(returns ? leases : List.of());
        } else {
            line.out().tell(new Told.Delivered(id, leases), bytes, returns ? leases : List.of());
        }
        if (forbidden != null) {
            cancel();
            line.failed(id, forbidden, 0);
        }
    }

    /// Shuts the window, and opens it again when so many bytes are free.
    private void awaitRoom(long bytes) {
        if (over || awaited > 0) {
            return;
        }
        awaited = bytes;
        window.hold();
        place =
                line.premises()
                        .answers()
                        .stand(bytes, () -> line.context().runOnContext(_ -> granted()));
    }

    private void granted() {
        // It was only to know that there is room: what comes takes its own.
        line.premises().answers().free(awaited);
        awaited = 0;
        window.letGo();
    }

    @Override
    public void active(boolean active) {
        line.context().runOnContext(_ -> say(new Told.Active(id, active)));
    }

    @Override
    public void ended(Refusal why) {
        line.context()
                .runOnContext(_ -> {
                    if (!over) {
                        say(new Told.Ended(id, why));
                        cancel();
                    }
                });
    }

    private void say(Told told) {
        if (!over) {
            line.premises().answers().hold(SMALL_BYTES);
            line.out().tell(told, SMALL_BYTES, List.of());
        }
    }

    @Override
    public void cancel() {
        if (over) {
            return;
        }
        over = true;
        if (awaited > 0 && place != null && line.premises().answers().leave(place)) {
            awaited = 0;
            window.letGo();
        }
        session.forget(window);
        if (subscription != null) {
            subscription.close();
        }
        line.done(id);
    }

    @Override
    public boolean endsWith(LineSession ended) {
        return ended == session;
    }
}
