package io.millstream.protocols.aws.push;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millstream.api.Backend;
import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Interest;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.View;
import io.millstream.api.Watch;
import io.millstream.protocols.aws.sqs.Store;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// Takes what is in the queues of endpoints there. Each endpoint has a share of what may be on its
/// way at once, so none waits for another.
///
/// Everything but [#start] and [#close] happens on one event loop, but for signing.
public final class Courier implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

    final Vertx vertx;
    final Session session;
    final Store store;
    final PushLimits limits;
    final LazySigner signer;
    final MeterRegistry meters;

    private final Context context;
    private final Map<ChannelName, Round> rounds = new HashMap<>();
    private final AtomicInteger endpoints = new AtomicInteger();
    private @Nullable HttpClient client;
    private @Nullable Watch watch;
    private long sweep = -1;
    private volatile boolean closed;

    /// Idle.
    ///
    /// @param backend where the queues are
    /// @param session under which messages are leased
    /// @param meters where it counts
    public Courier(
            Vertx vertx,
            Backend backend,
            Session session,
            LazySigner signer,
            PushLimits limits,
            MeterRegistry meters) {
        this.vertx = vertx;
        this.session = session;
        this.signer = signer;
        this.limits = limits;
        this.meters = meters;
        this.context = vertx.getOrCreateContext();
        this.store = new Store(backend, session, this::execute);
        Gauge.builder("millstream.sns.endpoints", endpoints, AtomicInteger::get)
                .description("HTTP endpoints that messages are delivered to")
                .register(meters);
    }

    /// Begins, with whatever there is.
    public void start() {
        execute(() -> {
            client = Post.client(vertx, limits);
            watch =
                    session.watch(
                            new Interest.Definitions(), change -> execute(() -> changed(change)));
            sweep = vertx.setPeriodic(limits.sweepMillis(), _ -> sweep());
        });
    }

    /// Runs it on the loop, soon.
    void execute(Runnable task) {
        context.runOnContext(_ -> task.run());
    }

    Context context() {
        return context;
    }

    boolean isClosed() {
        return closed;
    }

    /// What posts, or null before the start and after the end.
    @Nullable HttpClient client() {
        return client;
    }

    private void changed(Change change) {
        if (closed) {
            return;
        }
        switch (change) {
            case Change.Snapshot(List<View.ChannelView> views) -> views.forEach(this::defined);
            case Change.Defined(View.ChannelView view) -> defined(view);
            case Change.Removed(ChannelName name) -> {
                Round round = rounds.remove(name);
                if (round != null) {
                    round.close();
                    share();
                }
            }
            case Change.Refused refused ->
                    LOG.error(
                            "Nothing is delivered to HTTP endpoints of topics: {}",
                            refused.refusal().text());
            case Change.Pressure _,
                    Change.RowSnapshot _,
                    Change.RowChanged _,
                    Change.RowRemoved _ -> {}
        }
    }

    private void defined(View.ChannelView view) {
        if (view instanceof View.QueueView queue) {
            try {
                PushTarget.of(queue.definition()).ifPresent(this::defined);
            } catch (RuntimeException e) {
                // The other endpoints are not to wait for somebody who repairs this one.
                LOG.error(
                        "Nothing new is delivered from {}, whose arguments cannot be read. Set the"
                                + " attributes of its subscription again, or remove it.",
                        queue.definition().name(),
                        e);
            }
        }
    }

    private void defined(PushTarget target) {
        Round round = rounds.get(target.queue());
        if (round != null) {
            round.redirect(target);
            return;
        }
        rounds.put(target.queue(), new Round(this, target, limits.share(rounds.size() + 1)));
        share();
    }

    private void share() {
        endpoints.set(rounds.size());
        int share = limits.share(rounds.size());
        rounds.values().forEach(round -> round.resize(share));
    }

    /// Removes the queues of endpoints that had to say something by now and have not.
    private void sweep() {
        for (Round round : rounds.values()) {
            Instant until = round.target().until();
            if (until != null) {
                store.find(new Query.QueueNamed(round.target().queue()))
                        .thenAccept(page -> {
                            if (page.asOf().isAfter(until)) {
                                page.items().forEach(Courier.this::remove);
                            }
                        });
            }
        }
    }

    private void remove(View.QueueView view) {
        ChannelName queue = view.definition().name();
        LOG.debug("An endpoint did not confirm in time, so {} is removed", queue);
        store.commit(new Operation.Remove(queue, new Expect.Version(view.version())));
    }

    /// Takes nothing more there. What was on its way goes back to its queue when the session
    /// closes.
    @Override
    public void close() {
        closed = true;
        execute(() -> {
            if (watch != null) {
                watch.close();
            }
            vertx.cancelTimer(sweep);
            rounds.values().forEach(Round::close);
            rounds.clear();
            if (client != null) {
                client.close();
                client = null;
            }
        });
    }
}
