package io.millstream.protocols.aws;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millstream.api.Backend;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.access.Grant;
import io.millstream.protocols.access.User;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.access.Verifier.AwsKey;
import io.millstream.protocols.web.Guard;
import io.millstream.protocols.web.Tls;
import io.millstream.testkit.ManualClock;
import io.vertx.core.Vertx;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner.AuthLocation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// A door with users, and clients that sign.
final class GuardedServer implements AutoCloseable {
    /// What the JDK's client sets by itself.
    private static final Set<String> SET_BY_THE_CLIENT = Set.of("host", "content-length");

    private final Vertx vertx = Vertx.vertx();
    private final Backend backend;
    private final Users users;
    private final AwsDoor door;
    private final String scheme;
    private final int port;
    private final HttpClient http = HttpClient.newHttpClient();

    /// How far the server's clock is ahead of the clients'.
    private volatile Duration ahead = Duration.ZERO;

    GuardedServer(Backend backend, boolean openWithoutUsers, Optional<Tls> tls) {
        this.backend = backend;
        users = await(Users.open(backend));
        Guard guard =
                new Guard(
                        Access.of(users, openWithoutUsers),
                        tls,
                        false,
                        () -> Instant.now().plus(ahead));
        door = new AwsDoor(vertx, backend, AwsServer.LIMITS, new SimpleMeterRegistry(), guard);
        port = door.start("localhost", 0);
        scheme = guard.scheme();
    }

    static GuardedServer start() {
        return start(Kept.IN_A_MODEL);
    }

    static GuardedServer start(Kept kept) {
        return new GuardedServer(kept.open(new ManualClock()), true, Optional.empty());
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    Users users() {
        return users;
    }

    void renew(Tls tls) {
        door.renew(tls);
    }

    void runAheadBy(Duration duration) {
        ahead = duration;
    }

    /// Makes a user with a key and these grants.
    AwsKey user(String name, String... grants) {
        AwsKey key = AwsKey.generate();
        List<Grant> all = Arrays.stream(grants).map(Grant::parse).toList();
        await(users.change(name, none -> User.named(name).withKey(key).withGrants(all)));
        return key;
    }

    URI uri(String path) {
        return URI.create(scheme + "://localhost:" + port + path);
    }

    String url(String queue) {
        return uri("/000000000000/" + queue).toString();
    }

    SqsClientBuilder client(String id, String secret) {
        return SqsClient.builder()
                .endpointOverride(uri("/"))
                .region(Region.EU_WEST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret)));
    }

    SqsClient client(AwsKey key) {
        return client(key.id(), key.secret()).build();
    }

    /// Sends a request of the JSON protocol, signed in its headers.
    HttpResponse<String> json(AwsKey key, String action, String body) {
        SdkHttpRequest request =
                SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(uri("/"))
                        .putHeader("Content-Type", AwsServer.JSON)
                        .putHeader("X-Amz-Target", "AmazonSQS." + action)
                        .build();
        return send(signed(key, request, body, AuthLocation.HEADER), body);
    }

    /// Sends a form of the query protocol, signed in its headers.
    HttpResponse<String> query(AwsKey key, String form) {
        SdkHttpRequest request =
                SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(uri("/"))
                        .putHeader("Content-Type", AwsServer.FORM)
                        .build();
        return send(signed(key, request, form, AuthLocation.HEADER), form);
    }

    /// A presigned address, good for five minutes.
    SdkHttpRequest presigned(AwsKey key, String path, Map<String, String> parameters) {
        SdkHttpRequest.Builder request =
                SdkHttpRequest.builder().method(SdkHttpMethod.GET).uri(uri(path));
        parameters.forEach(request::putRawQueryParameter);
        return signed(key, request.build(), "", AuthLocation.QUERY_STRING);
    }

    private static SdkHttpRequest signed(
            AwsKey key, SdkHttpRequest request, String body, AuthLocation where) {
        return AwsV4HttpSigner.create()
                .sign(signing -> {
                    signing.identity(AwsCredentialsIdentity.create(key.id(), key.secret()))
                            .request(request)
                            .payload(ContentStreamProvider.fromUtf8String(body))
                            .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "sqs")
                            .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-west-1")
                            .putProperty(AwsV4HttpSigner.AUTH_LOCATION, where)
                            .putProperty(HttpSigner.SIGNING_CLOCK, Clock.system(ZoneOffset.UTC));
                    if (where == AuthLocation.QUERY_STRING) {
                        signing.putProperty(
                                AwsV4HttpSigner.EXPIRATION_DURATION, Duration.ofMinutes(5));
                    }
                })
                .request();
    }

    HttpResponse<String> send(SdkHttpRequest request, String body) {
        HttpRequest.Builder sent = HttpRequest.newBuilder(request.getUri());
        request.forEachHeader((name, values) -> {
            if (!SET_BY_THE_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> sent.header(name, value));
            }
        });
        HttpRequest.BodyPublisher publisher =
                body.isEmpty()
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body);
        return send(sent.method(request.method().name(), publisher));
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
        http.close();
        door.close();
        users.close();
        backend.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
