package io.millstream.protocols.aws.push;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millstream.api.Backend;
import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/// Takes what is in the queues of endpoints there. Each endpoint has a share of what may be on its
/// way at once, so none waits for another.
///
/// Everything but [#start], [#stop] and [#close] happens on one event loop, but for signing.
public final class Courier implements AutoCloseable {
    /// What it needs of a backend, besides what SQS and SNS need.
    public static final Set<Feature> NEEDS =
            Set.of(
                    Feature.QUEUES,
                    Feature.CONSUME,
                    Feature.RETRY_AFTER,
                    Feature.DEAD_LETTER,
                    Feature.CAPACITY);

    private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

    final Vertx vertx;
    final Session session;
    final Store store;
    final PushLimits limits;
    final LazySigner signer;
    final MeterRegistry meters;
    final Turns turns;

    private final Context context;
    private final Map<ChannelName, Round> rounds = new HashMap<>();
    private final AtomicInteger endpoints = new AtomicInteger();
    private final AtomicInteger underWay = new AtomicInteger();
    private final CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();
    private final HttpClient client;
    private @Nullable Watch watch;
    private long sweep = -1;
    private boolean stopping;
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
        this.turns = new Turns(limits.postsMax());
        this.client = Post.client(vertx, limits);
        this.context = vertx.getOrCreateContext();
        this.store = new Store(backend, session, this::execute);
        Gauge.builder("millstream.sns.endpoints", endpoints, AtomicInteger::get)
                .description("HTTP endpoints that messages are delivered to")
                .register(meters);
    }

    /// Begins, with whatever there is.
    public void start() {
        execute(() -> {
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

    /// What posts.
    HttpClient client() {
        return client;
    }

    /// A message is on its way.
    void began() {
        underWay.incrementAndGet();
    }

    /// A message has been settled.
    void ended() {
        underWay.decrementAndGet();
        tellWhetherStopped();
    }

    private void tellWhetherStopped() {
        if (stopping && underWay.get() == 0) {
            stopped.complete(null);
        }
    }

    /// How many messages are on their way.
    public int underWay() {
        return underWay.get();
    }

    private void changed(Change change) {
        if (stopping) {
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
        turns.resize(limits.posts(rounds.size()));
        int share = limits.share(rounds.size());
        rounds.values().forEach(round -> round.resize(share));
    }

    /// Removes the queues of endpoints that had to say something by now and have not.
    private void sweep() {
        for (Round round : rounds.values()) {
            if (round.target().until() != null) {
                store.find(new Query.QueueNamed(round.target().queue()))
                        .thenAccept(page ->
                                page.items().forEach(view -> removeOverdue(view, page.asOf())));
            }
        }
    }

    /// What it has to say by when is read from the view, as it may have said it by now.
    private void removeOverdue(View.QueueView view, Instant now) {
        Instant until = PushTarget.of(view.definition()).map(PushTarget::until).orElse(null);
        if (until != null && now.isAfter(until)) {
            ChannelName queue = view.definition().name();
            LOG.debug("An endpoint did not confirm in time, so {} is removed", queue);
            store.commit(new Operation.Remove(queue, new Expect.Version(view.version())));
        }
    }

    /// Takes nothing more there. The stage completes once all that is on its way has arrived, or
    /// has not, and is settled.
    public CompletionStage<?> stop() {
        execute(() -> {
            stopping = true;
            if (watch != null) {
                watch.close();
            }
            vertx.cancelTimer(sweep);
            rounds.values().forEach(Round::close);
            rounds.clear();
            tellWhetherStopped();
        });
        return stopped;
    }

    /// Ends it all. What is on its way by now goes back to its queue when the session closes, and
    /// is posted once more at the next start.
    @Override
    public void close() {
        stop();
        closed = true;
        client.close();
    }
}
