package io.millstream.protocols.aws;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millstream.api.Backend;
import io.millstream.protocols.aws.push.PushLimits;
import io.millstream.protocols.web.Guard;
import io.millstream.testkit.ManualClock;
import io.vertx.core.Vertx;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A door on a backend whose clock stands still, and clients for it.
final class AwsServer implements AutoCloseable {
    static final String JSON = "application/x-amz-json-1.0";
    static final String FORM = "application/x-www-form-urlencoded";

    /// Two loops, so that what loops share is shared in tests too.
    static final AwsLimits LIMITS =
            new AwsLimits(
                    2, 5_000, 100, 8 << 10, 8 << 10, 8 << 20, 16 << 10, 64 << 20, 1 << 20, 16 << 10,
                    64 << 20, 100, 20_000, 20_000, 20_000, 5_000);

    /// Fewer posts than a test has endpoints.
    static final PushLimits PUSH = new PushLimits(4, 2, 2_000, 30_000, 20, Optional.empty());

    private final Vertx vertx = Vertx.vertx();
    private final ManualClock clock = new ManualClock();
    private final Backend backend;
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final AwsDoor door;
    private final int port;
    private final SqsClient sqs;
    private final SnsClient sns;
    private final HttpClient http = HttpClient.newHttpClient();

    private final boolean ownsBackend;

    private AwsServer(
            AwsLimits limits, Function<ManualClock, Backend> opener, boolean ownsBackend) {
        this(limits, PUSH, opener, ownsBackend);
    }

    private AwsServer(
            AwsLimits limits,
            PushLimits push,
            Function<ManualClock, Backend> opener,
            boolean ownsBackend) {
        this.ownsBackend = ownsBackend;
        backend = opener.apply(clock);
        door = new AwsDoor(vertx, backend, limits, push, meters, Guard.OPEN);
        port = door.start("localhost", 0);
        sqs =
                SqsClient.builder()
                        .endpointOverride(uri("/"))
                        .region(Region.EU_WEST_1)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("key", "secret")))
                        .build();
        sns =
                SnsClient.builder()
                        .endpointOverride(uri("/"))
                        .region(Region.EU_WEST_1)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("key", "secret")))
                        .build();
    }

    static AwsServer start() {
        return start(Kept.IN_A_MODEL);
    }

    static AwsServer start(AwsLimits limits) {
        return new AwsServer(limits, Kept.IN_A_MODEL::open, true);
    }

    static AwsServer start(Kept kept) {
        return start(kept, LIMITS);
    }

    static AwsServer start(Kept kept, PushLimits push) {
        return new AwsServer(LIMITS, push, kept::open, true);
    }

    static AwsServer start(Kept kept, AwsLimits limits) {
        return new AwsServer(limits, kept::open, true);
    }

    /// A server whose backend is wrapped into another.
    static AwsServer start(UnaryOperator<Backend> wrapping) {
        return new AwsServer(LIMITS, clock -> wrapping.apply(Kept.IN_A_MODEL.open(clock)), true);
    }

    static AwsServer start(Kept kept, UnaryOperator<Backend> wrapping) {
        return new AwsServer(LIMITS, clock -> wrapping.apply(kept.open(clock)), true);
    }

    /// A second door on the backend of another server, whose clock goes on to count.
    static AwsServer on(Backend backend) {
        return new AwsServer(LIMITS, clock -> backend, false);
    }

    Backend backend() {
        return backend;
    }

    SqsClient sqs() {
        return sqs;
    }

    SnsClient sns() {
        return sns;
    }

    MeterRegistry meters() {
        return meters;
    }

    AwsDoor door() {
        return door;
    }

    int port() {
        return port;
    }

    void advance(Duration by) {
        clock.advance(by);
    }

    String url(String queue) {
        return uri("/000000000000/" + queue).toString();
    }

    URI uri(String path) {
        return URI.create("http://localhost:" + port + path);
    }

    HttpResponse<String> json(String action, String body) {
        return send(
                HttpRequest.newBuilder(uri("/"))
                        .header("Content-Type", JSON)
                        .header("X-Amz-Target", "AmazonSQS." + action)
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> query(String form) {
        return query("/", form);
    }

    HttpResponse<String> query(String path, String form) {
        return send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", FORM)
                        .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(
                    request.timeout(Duration.ofSeconds(30)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError("No answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }

    @Override
    public void close() {
        sqs.close();
        sns.close();
        http.close();
        door.close();
        if (ownsBackend) {
            backend.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
