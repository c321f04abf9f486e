package io.millstream.protocols.aws;

import io.micrometer.core.instrument.MeterRegistry;
import io.millstream.api.Backend;
import io.millstream.api.Feature;
import io.millstream.api.MillstreamException;
import io.millstream.api.NotSupportedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.protocols.aws.push.Courier;
import io.millstream.protocols.aws.push.LazySigner;
import io.millstream.protocols.aws.push.PushLimits;
import io.millstream.protocols.aws.sns.Replayer;
import io.millstream.protocols.aws.sns.Sequences;
import io.millstream.protocols.aws.sns.SnsService;
import io.millstream.protocols.aws.sqs.Mover;
import io.millstream.protocols.aws.sqs.ReceiptSecret;
import io.millstream.protocols.aws.sqs.SqsService;
import io.millstream.protocols.aws.sqs.Traffic;
import io.millstream.protocols.web.Guard;
import io.millstream.protocols.web.Tls;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Where clients of AWS come in: SQS and SNS over HTTP, on one port.
///
/// Made, started and closed by one thread that is no event loop. A closed door stays closed.
public final class AwsDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AwsDoor.class);
    private static final long START_SECONDS_MAX = 60;

    /// What all behind it need of a backend.
    static final Set<Feature> NEEDS =
            Stream.of(SqsService.NEEDS, SnsService.NEEDS, Courier.NEEDS)
                    .flatMap(Set::stream)
                    .collect(Collectors.toUnmodifiableSet());

    private final Vertx vertx;
    private final Backend backend;
    private final AwsLimits limits;
    private final MeterRegistry meters;
    private final Guard guard;
    private final Session session;
    private final Mover mover;
    private final Replayer replayer;
    private final PushLimits pushLimits;
    private @Nullable Courier courier;
    private @Nullable Doorway doorway;
    private @Nullable String deployment;

    /// A closed door.
    ///
    /// @param vertx whose event loops serve; stays open when the door closes
    /// @param backend where the messages are; stays open when the door closes
    /// @param limits what it bears
    /// @param meters where it counts
    /// @param guard who may come in, and what it encrypts with
    public AwsDoor(
            Vertx vertx, Backend backend, AwsLimits limits, MeterRegistry meters, Guard guard) {
        this(vertx, backend, limits, PushLimits.USUAL, meters, guard);
    }

    /// A closed door that delivers to HTTP endpoints of topics within other bounds.
    ///
    /// @param vertx whose event loops serve; stays open when the door closes
    /// @param backend where the messages are; stays open when the door closes
    /// @param limits what it bears
    /// @param pushLimits what it sends
    /// @param meters where it counts
    /// @param guard who may come in, and what it encrypts with
    public AwsDoor(
            Vertx vertx,
            Backend backend,
            AwsLimits limits,
            PushLimits pushLimits,
            MeterRegistry meters,
            Guard guard) {
        this.pushLimits = pushLimits;
        this.vertx = vertx;
        this.backend = backend;
        this.limits = limits;
        this.meters = meters;
        this.guard = guard;
        this.session = backend.session(SessionSpec.of("aws"));
        Context context = vertx.getOrCreateContext();
        Executor executor = task -> context.runOnContext(_ -> task.run());
        BiConsumer<Duration, Runnable> alarm =
                (pause, task) ->
                        context.runOnContext(
                                _ -> vertx.setTimer(pause.toMillis(), timer -> task.run()));
        this.mover = new Mover(backend, session, executor, alarm);
        this.replayer = new Replayer(backend, session, executor, alarm);
    }

    /// Opens it. Blocks until it takes connections.
    ///
    /// @param port where to listen, or 0 for any free port
    /// @return the port
    /// @throws NotSupportedException if the backend lacks something that SQS or SNS needs
    /// @throws MillstreamException if the port cannot be had
    public int start(String host, int port) {
        if (doorway != null) {
            throw new IllegalStateException("This door was started before. Make another.");
        }
        backend.capabilities().require("SQS and SNS", NEEDS);
        Traffic traffic = new Traffic(meters, limits.sqs());
        LazySigner signer =
                new LazySigner(
                        backend,
                        session,
                        task -> vertx.executeBlocking(Executors.callable(task), false));
        var services =
                new Services(
                        new SqsService.Shared(backend, session, secret(), mover, traffic),
                        new SnsService.Shared(replayer, new Sequences()),
                        signer);
        Doorway opened = new Doorway(host, port, limits, guard, services, new DoorMeters(meters));
        doorway = opened;
        try {
            DeploymentOptions loops = new DeploymentOptions().setInstances(limits.eventLoops());
            deployment = await(vertx.deployVerticle(() -> new DoorLoop(opened), loops));
            mover.resume();
            replayer.resume();
            Courier sending = new Courier(vertx, backend, session, signer, pushLimits, meters);
            courier = sending;
            sending.start();
            return opened.port();
        } catch (Exception e) {
            throw new MillstreamException(
                    "Cannot listen for AWS clients on "
                            + host
                            + ':'
                            + port
                            + ": "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage()
                            + ". Free the port or choose another one.",
                    e);
        }
    }

    /// Has an open door that encrypts do so with another certificate, from the next connection on.
    /// Blocks until it does.
    ///
    /// @throws MillstreamException if it cannot; it goes on with the one that it has
    public void renew(Tls tls) {
        Doorway opened = Objects.requireNonNull(doorway, "This door was not started.");
        try {
            await(opened.renew(tls));
        } catch (Exception e) {
            throw new MillstreamException(
                    "The AWS door does not take another certificate: " + e.getMessage(), e);
        }
    }

    /// Stops listening, ends waiting receives with an empty answer, lets running requests and posts
    /// to endpoints finish and hangs up. Blocks for [AwsLimits#closeMillis()] at most. Doing it
    /// again does nothing.
    @Override
    public void close() {
        String deployed = deployment;
        deployment = null;
        Courier sending = courier;
        courier = null;
        long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limits.closeMillis());
        CompletionStage<?> sent =
                sending == null ? CompletableFuture.completedStage(null) : sending.stop();
        try {
            if (deployed != null) {
                await(vertx.undeploy(deployed));
            }
        } catch (Exception e) {
            throw new MillstreamException(
                    "The AWS door did not close in an orderly way: " + e.getMessage(), e);
        } finally {
            mover.close();
            replayer.close();
            if (sending != null) {
                await(sending, sent, endNanos);
                sending.close();
            }
            session.close();
        }
    }

    private static void await(Courier sending, CompletionStage<?> sent, long endNanos) {
        try {
            long left = Math.max(0, endNanos - System.nanoTime());
            sent.toCompletableFuture().get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.info(
                    "{} messages are on their way to HTTP endpoints that have not answered yet."
                            + " They are posted once more at the next start.",
                    sending.underWay());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ReceiptSecret secret() {
        try {
            return ReceiptSecret.load(backend, session)
                    .toCompletableFuture()
                    .get(START_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new MillstreamException(
                    "Cannot read or make the secret of SQS receipt handles in the store: "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage()
                            + " SQS clients cannot be served without it.",
                    e);
        }
    }

    private <T> T await(Future<T> future) throws Exception {
        long millis = limits.closeMillis() + TimeUnit.SECONDS.toMillis(START_SECONDS_MAX);
        return future.toCompletionStage().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
    }
}
