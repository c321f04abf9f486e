package io.millstream.server.http;

import io.millstream.jobs.Jobs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/// Looks for whoever opens `/`, and remembers the last minute of it. Not for several threads: all
/// of it is on the event loop.
final class StatusLooks {
    private static final Logger LOG = LoggerFactory.getLogger(StatusLooks.class);
    private static final long ANSWER_SECONDS_MAX = 2;
    private static final long DEAD_FRESH_NANOS = Duration.ofSeconds(5).toNanos();

    private final Vertx vertx;
    private final Site site;
    private final Jobs jobs;
    private final Flow flow = new Flow();
    private DeadLook dead = DeadLook.NOTHING;
    private long deadAt = System.nanoTime() - DEAD_FRESH_NANOS;
    private boolean looksAtDead;

    StatusLooks(Vertx vertx, Site site, Jobs jobs) {
        this.vertx = vertx;
        this.site = site;
        this.jobs = jobs;
    }

    private record Seen(Look channels, OldestLook oldest) {}

    /// The status as it is now; fails if the store does not answer within seconds.
    Future<Status> status() {
        var seen =
                Look.at(site.backend())
                        .thenCompose(look ->
                                OldestLook.at(site.backend(), look.queues())
                                        .thenApply(oldest -> new Seen(look, oldest)));
        return Future.fromCompletionStage(seen, vertx.getOrCreateContext())
                .timeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
                .map(this::status);
    }

    private Status status(Seen seen) {
        Look channels = seen.channels();
        flow.add(channels.queues(), System.nanoTime());
        return Status.of(
                site,
                channels.queues(),
                channels.topics(),
                new Status.Seen(flow, seen.oldest()),
                Instant.now());
    }

    /// The page that shows it.
    ///
    /// @param seesDead whether what jobs died of is shown, too
    String page(Status status, boolean seesDead) {
        if (seesDead && status.jobs().dead() > 0) {
            lookAtDead();
        }
        boolean isShown = seesDead && status.jobs().dead() > 0;
        return StatusPage.of(status, flow.course(), isShown ? dead : DeadLook.NOTHING);
    }

    /// Beside the event loop, and for the next page: it takes its time.
    private void lookAtDead() {
        if (looksAtDead || System.nanoTime() - deadAt < DEAD_FRESH_NANOS) {
            return;
        }
        looksAtDead = true;
        vertx.executeBlocking(() -> DeadLook.at(jobs), false)
                .onComplete(
                        look -> {
                            dead = look;
                            endLookAtDead();
                        },
                        fault -> {
                            LOG.warn("What jobs died of cannot be shown: {}", fault.getMessage());
                            endLookAtDead();
                        });
    }

    private void endLookAtDead() {
        looksAtDead = false;
        deadAt = System.nanoTime();
    }
}
