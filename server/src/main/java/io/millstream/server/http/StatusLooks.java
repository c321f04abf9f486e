package io.millstream.server.http;

import io.millstream.jobs.Jobs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// Looks for whoever opens `/`, once a second for all of them, and remembers the last minute of it.
/// Not for several threads: all of it is on the event loop.
final class StatusLooks {
    private static final Logger LOG = LoggerFactory.getLogger(StatusLooks.class);
    private static final long ANSWER_SECONDS_MAX = 2;
    private static final long FRESH_NANOS = Duration.ofMillis(900).toNanos();
    private static final long DEAD_FRESH_NANOS = Duration.ofSeconds(5).toNanos();

    /// Older ones are not shown.
    private static final long DEAD_SHOWN_NANOS = Duration.ofMinutes(1).toNanos();

    /// A page waits no longer for what jobs died of; the next one has it.
    private static final long DEAD_WAIT_MILLIS = 500;

    private final Vertx vertx;
    private final Site site;
    private final Jobs jobs;
    private final Flow flow = new Flow();
    private @Nullable Future<Status> last;
    private long lastAt;
    private @Nullable Dead dead;
    private @Nullable Future<DeadLook> looking;

    StatusLooks(Vertx vertx, Site site, Jobs jobs) {
        this.vertx = vertx;
        this.site = site;
        this.jobs = jobs;
    }

    private record Seen(Look channels, OldestLook oldest) {}

    /// @param at when it was seen
    private record Dead(DeadLook look, long at) {}

    /// The status as of this second; fails if the store does not answer within two.
    Future<Status> status() {
        Future<Status> shared = last;
        boolean isFresh = shared != null && System.nanoTime() - lastAt < FRESH_NANOS;
        if (shared == null || !isFresh || shared.failed()) {
            shared = look();
            last = shared;
            lastAt = System.nanoTime();
        }
        return shared;
    }

    private Future<Status> look() {
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
    Future<String> page(boolean seesDead) {
        return status().compose(status -> {
            Future<DeadLook> look =
                    seesDead && status.jobs().dead() > 0
                            ? dead()
                            : Future.succeededFuture(DeadLook.NOTHING);
            return look.map(of -> StatusPage.of(status, flow.course(), of));
        });
    }

    private Future<DeadLook> dead() {
        Dead before = dead;
        long age = before == null ? Long.MAX_VALUE : System.nanoTime() - before.at;
        if (before != null && age < DEAD_FRESH_NANOS) {
            return Future.succeededFuture(before.look);
        }
        boolean isShown = before != null && age < DEAD_SHOWN_NANOS;
        DeadLook shown = before != null && isShown ? before.look : DeadLook.NOTHING;
        return lookAtDead()
                .timeout(DEAD_WAIT_MILLIS, TimeUnit.MILLISECONDS)
                .recover(_ -> Future.succeededFuture(shown));
    }

    /// Beside the event loop: it takes its time.
    private Future<DeadLook> lookAtDead() {
        Future<DeadLook> shared = looking;
        if (shared == null) {
            shared =
                    vertx.executeBlocking(() -> DeadLook.at(jobs), false)
                            .map(Objects::requireNonNull);
            looking = shared;
            shared.onComplete(
                    look -> {
                        looking = null;
                        dead = new Dead(look, System.nanoTime());
                    },
                    fault -> {
                        looking = null;
                        LOG.warn("What jobs died of cannot be shown: {}", fault.getMessage());
                    });
        }
        return shared;
    }
}
