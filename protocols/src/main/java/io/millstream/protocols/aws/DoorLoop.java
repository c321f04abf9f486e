package io.millstream.protocols.aws;

import io.millstream.protocols.aws.sns.SnsService;
import io.millstream.protocols.aws.sqs.SqsService;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;

/// One event loop of a door: its connections, its service, its share of the port.
///
/// Once in a while it sweeps over its connections and hangs up on those that have passed their time
/// limit; one timer for all is cheaper than one for each request.
final class DoorLoop extends VerticleBase {
    private final Doorway doorway;
    private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
    private final Map<HttpConnection, Visit> visits = new HashMap<>();
    private SqsService sqs;
    private SnsService sns;
    private HttpServer server;
    private boolean closing;

    @SuppressWarnings("NullAway.Init") // Vert.x calls init, then start, before anything else.
    DoorLoop(Doorway doorway) {
        this.doorway = doorway;
    }

    @Override
    public void init(Vertx vertx, Context context) {
        super.init(vertx, context);
        sqs = new SqsService(doorway.services.sqs(), this::execute, random);
        sns = new SnsService(sqs.store(), sqs.tokens(), doorway.services.sns(), random);
        server =
                vertx.createHttpServer(options(doorway))
                        .connectionHandler(this::arrived)
                        .invalidRequestHandler(this::garbled)
                        .requestHandler(this::asked);
    }

    private static HttpServerOptions options(Doorway doorway) {
        AwsLimits limits = doorway.limits;
        HttpServerOptions options = new HttpServerOptions();
        doorway.guard.tls().ifPresent(tls -> tls.applyTo(options));
        return options.setMaxInitialLineLength(limits.requestLineBytesMax())
                .setMaxHeaderSize(limits.headerBytesMax())
                .setHttp2ClearTextEnabled(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setAcceptBacklog(1024)
                .setTcpNoDelay(true)
                .setReuseAddress(true);
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(doorway.limits.sweepMillis(), timer -> sweep());
        return server.listen(doorway.wantedPort(), doorway.host).onSuccess(doorway::listening);
    }

    @Override
    public Future<?> stop() {
        closing = true;
        List.copyOf(visits.values()).forEach(Visit::hurry);
        return server.shutdown(Duration.ofMillis(doorway.limits.closeMillis()));
    }

    /// Whether the door is closing, so that nothing may wait any more.
    boolean isClosing() {
        return closing;
    }

    /// Runs it on this loop, soon.
    void execute(Runnable task) {
        context.runOnContext(_ -> task.run());
    }

    /// Runs it on this loop once so long has passed.
    ///
    /// @return by which it can be forgotten
    long after(Duration delay, Runnable task) {
        return vertx.setTimer(Math.max(1, delay.toMillis()), _ -> task.run());
    }

    void forget(long timer) {
        vertx.cancelTimer(timer);
    }

    /// Has a service do what a request asks for.
    CompletionStage<Tree> run(Service service, Input input, Caller caller) {
        return switch (service) {
            case SQS -> sqs.run(input, caller);
            case SNS -> sns.run(input, caller);
        };
    }

    SplittableRandom random() {
        return random;
    }

    private void arrived(HttpConnection connection) {
        if (doorway.meters.connections.incrementAndGet() > doorway.limits.connectionsMax()) {
            doorway.meters.connections.decrementAndGet();
            doorway.meters.hungUp.increment();
            connection.close();
            return;
        }
        visits.put(connection, new Visit(connection, doorway.limits));
        connection.closeHandler(_ -> left(connection));
    }

    private void left(HttpConnection connection) {
        Visit visit = visits.remove(connection);
        if (visit != null) {
            doorway.meters.connections.decrementAndGet();
            visit.left();
        }
    }

    private void asked(HttpServerRequest request) {
        Visit visit = visits.get(request.connection());
        if (visit != null) {
            new Exchange(this, doorway, visit, request).begin();
        }
    }

    private void garbled(HttpServerRequest request) {
        Visit visit = visits.get(request.connection());
        if (visit != null) {
            new Exchange(this, doorway, visit, request).refuseGarbled();
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        List<Visit> overdue = new ArrayList<>();
        for (Visit visit : visits.values()) {
            if (visit.isOverdue(now)) {
                overdue.add(visit);
            }
        }
        for (Visit visit : overdue) {
            doorway.meters.hungUp.increment();
            visit.hangUp();
        }
    }
}
