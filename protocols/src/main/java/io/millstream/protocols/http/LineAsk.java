package io.millstream.protocols.http;

import io.millstream.api.Found;
import io.millstream.api.Lease;
import io.millstream.api.Query;
import io.millstream.api.Taken;
import io.millstream.api.View;
import io.millstream.protocols.access.Principal;
import io.millstream.wire.Told;
import io.vertx.core.Context;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// Something that was asked under a number over a line, until it is answered. Used on the line's
/// event loop.
final class LineAsk implements Asker, LineWork {
    private static final Logger LOG = LoggerFactory.getLogger(LineAsk.class);

    private final Line line;
    private final long id;
    private final Principal principal;
    private final Runnable freed;
    private @Nullable Runnable stop;
    private @Nullable Runnable undo;
    private long held;
    private boolean over;

    /// @param freed what is let go of once it is answered
    LineAsk(Line line, long id, Principal principal, Runnable freed) {
        this.line = line;
        this.id = id;
        this.principal = principal;
        this.freed = freed;
    }

    @Override
    public Principal principal() {
        return principal;
    }

    @Override
    public Context context() {
        return line.context();
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException failure) {
            fail(failure);
        }
    }

    @Override
    public <T> void when(CompletionStage<T> stage, Consumer<T> then) {
        // Also what is complete already stands in line behind what was complete before.
        stage.whenComplete((result, failure) ->
                context()
                        .runOnContext(_ -> {
                            if (failure != null) {
                                fail(failure);
                            } else {
                                attempt(() -> then.accept(result));
                            }
                        }));
    }

    private void fail(Throwable failure) {
        Runnable step = undo;
        undo = null;
        if (step != null) {
            step.run();
        }
        if (over) {
            LOG.error("What was asked over a line failed when it was answered", failure);
            release();
            return;
        }
        line.failed(id, failure, held);
        held = 0;
        end();
    }

    @Override
    public void onGone(Runnable stop) {
        this.stop = stop;
        if (line.isClosed()) {
            cancel();
        }
    }

    @Override
    public void onUndelivered(Runnable undo) {
        this.undo = undo;
    }

    @Override
    public boolean holdAnswer(long bytes) {
        if (!line.premises().answers().tryHold(bytes)) {
            return false;
        }
        held += bytes;
        return true;
    }

    @Override
    public void takeOver(long bytes) {
        held += bytes;
    }

    @Override
    public void taken(Taken taken, long bytes) {
        boolean returns = undo != null;
        List<Lease> leases =
                returns && taken instanceof Taken.Leased leased ? leased.leases() : List.of();
        answer(new Told.Took(id, taken), leases);
    }

    @Override
    @SuppressWarnings("unchecked") // What is told may be of any type.
    public <V extends View> void found(Query<V> query, Found<V> found, long bytes) {
        answer(new Told.Seen(id, (Found<View>) found), List.of());
    }

    /// Answers with something that was not counted yet.
    ///
    /// @param bytes how many bytes of JSON it may become
    void answer(Told told, long bytes) {
        line.premises().answers().hold(bytes);
        held += bytes;
        answer(told, List.of());
    }

    /// @param isHeld whether they are held already
    void answer(Told told, long bytes, boolean isHeld) {
        if (isHeld) {
            takeOver(bytes);
            answer(told, List.of());
        } else {
            answer(told, bytes);
        }
    }

    private void answer(Told told, List<Lease> leases) {
        undo = null;
        if (over) {
            release();
            line.premises().giveBack(leases);
            return;
        }
        long bytes = held;
        held = 0;
        end();
        line.out().tell(told, bytes, leases);
    }

    private void release() {
        line.premises().answers().free(held);
        held = 0;
    }

    private void end() {
        over = true;
        line.done(id);
        freed.run();
    }

    /// Calls it off: it is answered with nothing soon.
    @Override
    public void cancel() {
        Runnable step = stop;
        stop = null;
        if (step != null) {
            step.run();
        }
    }

    @Override
    public boolean endsWith(LineSession session) {
        return false;
    }
}
