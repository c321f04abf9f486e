package io.millstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.SessionSpec;
import io.millstream.engine.io.TimeSource;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.protocols.web.Guard;
import io.millstream.server.users.StoredRoster;
import io.millstream.testkit.memory.MemoryBackend;
import io.vertx.core.Vertx;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

class HttpDoorTest {
    private static final String BROWSER =
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

    private final Vertx vertx = Vertx.vertx();
    private final MemoryBackend backend = new MemoryBackend(TimeSource.system());
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.READY);
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpDoor door;
    private int port;

    @BeforeEach
    void open() {
        Site site =
                new Site(
                        "1.2.3",
                        Path.of("/data"),
                        Instant.now(),
                        backend,
                        CompletableFuture::new,
                        StoredRoster.served(Users.open(backend).toCompletableFuture().join(), true),
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                        phase::get,
                        () -> Map.of("SQS", "http://127.0.0.1:1"),
                        Optional.empty());
        door = new HttpDoor(vertx, site, Guard.OPEN, ApiLimits.USUAL);
        port = door.start("127.0.0.1", 0);
    }

    @AfterEach
    void close() {
        client.close();
        door.close(Duration.ZERO);
        vertx.close().toCompletionStage().toCompletableFuture().join();
        backend.close();
    }

    @Test
    void a_connection_too_many_is_hung_up_on_until_another_one_ends() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < HttpDoor.CONNECTIONS_MAX; i++) {
                idle.add(new Socket(InetAddress.getLoopbackAddress(), port));
            }
            await().until(() -> {
                try (Socket extra = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    extra.setSoTimeout(1_000);
                    return extra.getInputStream().read() == -1;
                } catch (SocketTimeoutException notYet) {
                    return false;
                }
            });
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
        await().ignoreExceptions().until(() -> get("/health", "*/*").statusCode() == 200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%zz", "/%", "/health%2", "/%ff%"})
    void a_path_that_cannot_be_read_is_a_problem_of_its_sender(String path) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));

            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);

            assertThat(answer)
                    .startsWith("HTTP/1.1 400")
                    .contains("application/problem+json", "This path cannot be read.");
        }
    }

    @Test
    void programs_get_the_status_as_json() throws Exception {
        define(1);

        HttpResponse<String> answer = get("/", "*/*");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(type(answer)).isEqualTo("application/json");
        JsonNode status = json(answer);
        assertThat(status.path("version").asString()).isEqualTo("1.2.3");
        assertThat(status.path("state").asString()).isEqualTo("ready");
        assertThat(status.path("doors").path("SQS").asString()).isEqualTo("http://127.0.0.1:1");
        assertThat(status.path("queues").get(0).path("name").asString()).isEqualTo("queue-000");
        assertThat(status.path("queues").get(0).path("ready").asLong()).isZero();
    }

    @Test
    void browsers_get_the_status_as_a_page() throws Exception {
        define(1);

        HttpResponse<String> answer = get("/", BROWSER);

        assertThat(type(answer)).isEqualTo("text/html; charset=utf-8");
        assertThat(answer.body()).contains("<h1>Millstream</h1>", "queue-000");
        assertThat(answer.headers().firstValue("Content-Security-Policy"))
                .contains(
                        "default-src 'none'; style-src 'unsafe-inline'; script-src 'self';"
                                + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                                + " frame-ancestors 'none'");
    }

    @ParameterizedTest
    @CsvSource({"STARTING, 200, 503", "READY, 200, 200", "STOPPING, 200, 503", "FAILED, 503, 503"})
    void health_follows_the_life_of_the_server(Phase now, int live, int ready) throws Exception {
        phase.set(now);

        assertThat(get("/health/live", "*/*").statusCode()).isEqualTo(live);
        assertThat(get("/health/ready", "*/*").statusCode()).isEqualTo(ready);
        assertThat(get("/health", "*/*").statusCode()).isEqualTo(ready);
        assertThat(json(get("/health", "*/*")).path("status").asString())
                .isEqualTo(now.name().toLowerCase(Locale.ROOT));
    }

    @Test
    void a_store_that_does_not_answer_is_not_ready() throws Exception {
        backend.close();

        HttpResponse<String> answer = get("/health", "*/*");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(json(answer).path("detail").asString()).startsWith("The store does not answer");
        assertThat(get("/metrics", "*/*").statusCode()).isEqualTo(200);
    }

    @Test
    void a_hundred_queues_have_series_of_their_own_and_the_rest_share_one() throws Exception {
        define(103);

        String metrics = get("/metrics", "*/*").body();

        assertThat(metrics)
                .contains("millstream_queues 103.0")
                .contains(
                        "millstream_queue_messages{host=\"/\",queue=\"queue-099\",state=\"ready\"}"
                                + " 0.0")
                .contains(
                        "millstream_queue_messages{host=\"\",queue=\"other\",state=\"ready\"} 0.0")
                .contains("millstream_queue_done_total{host=\"/\",queue=\"queue-000\"} 0.0")
                .doesNotContain("queue-100");
        assertThat(json(get("/", "*/*")).path("others").path("queues").asInt()).isEqualTo(3);
    }

    @Test
    void topics_are_shown_with_what_they_hold() throws Exception {
        appendThree();

        JsonNode topic = json(get("/", "*/*")).path("topics").get(0);
        assertThat(topic.path("name").asString()).isEqualTo("orders");
        assertThat(topic.path("partitions").asInt()).isEqualTo(2);
        assertThat(topic.path("records").asInt()).isEqualTo(3);
        assertThat(topic.path("bytes").asInt()).isPositive();
        assertThat(topic.path("oldest").asInt()).isZero();
        assertThat(topic.path("newest").asInt()).isEqualTo(2);
        assertThat(get("/", BROWSER).body()).contains("<h2>Topics</h2>", "orders");
        assertThat(get("/metrics", "*/*").body())
                .contains("millstream_topics 1.0")
                .contains("millstream_topic_partitions{host=\"/\",topic=\"orders\"} 2.0")
                .contains("millstream_topic_records{host=\"/\",topic=\"orders\"} 3.0")
                .contains(
                        "millstream_topic_end_offset{host=\"/\",partition=\"1\",topic=\"orders\"}"
                                + " 3.0")
                .contains(
                        "millstream_topic_start_offset{host=\"/\",partition=\"0\",topic=\"orders\"}"
                                + " 0.0");
    }

    @Test
    void a_hundred_topics_have_series_of_their_own_and_the_rest_share_one() throws Exception {
        List<Commit> commits = new ArrayList<>();
        for (int i = 0; i < 103; i++) {
            commits.add(define(Definition.Topic.of(ChannelName.of("topic-%03d".formatted(i)))));
        }
        commit(commits);

        assertThat(get("/metrics", "*/*").body())
                .contains("millstream_topics 103.0")
                .contains("millstream_topic_records{host=\"/\",topic=\"topic-099\"} 0.0")
                .contains("millstream_topic_partitions{host=\"\",topic=\"other\"} 3.0")
                .doesNotContain("topic-100");
        assertThat(json(get("/", "*/*")).path("otherTopics").path("topics").asInt()).isEqualTo(3);
        assertThat(get("/", BROWSER).body()).contains("3 more");
    }

    @Test
    void requests_are_counted_by_path_and_status() throws Exception {
        get("/health", "*/*");
        get("/no/such/path", "*/*");

        assertThat(get("/metrics", "*/*").body())
                .contains(
                        "millstream_http_requests_seconds_count{path=\"/health\",status=\"200\"} 1")
                .contains(
                        "millstream_http_requests_seconds_count{path=\"unknown\",status=\"404\"} 1")
                .doesNotContain("/no/such");
    }

    @Test
    void an_unknown_path_and_a_wrong_method_are_answered_with_a_problem() throws Exception {
        HttpResponse<String> unknown = get("/queues", "*/*");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(type(unknown)).isEqualTo("application/problem+json");
        assertThat(json(unknown).path("title").asString()).isEqualTo("Not Found");

        HttpResponse<String> wrong = send(request("/").POST(BodyPublishers.ofString("x")).build());
        assertThat(wrong.statusCode()).isEqualTo(405);
        assertThat(wrong.headers().firstValue("Allow")).contains("GET, HEAD");
        assertThat(json(wrong).path("status").asInt()).isEqualTo(405);
    }

    @Test
    void a_head_request_has_no_body() throws Exception {
        HttpResponse<String> answer = send(request("/health").HEAD().build());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    private void define(int queues) throws Exception {
        List<Commit> commits = new ArrayList<>();
        for (int i = 0; i < queues; i++) {
            var name = ChannelName.of("queue-%03d".formatted(i));
            commits.add(define(Definition.Queue.of(name)));
        }
        commit(commits);
    }

    private void appendThree() throws Exception {
        var name = ChannelName.of("orders");
        var records = List.of(Message.of("a"), Message.of("b"), Message.of("c"));
        commit(
                List.of(
                        define(Definition.Topic.of(name).withPartitions(2)),
                        Commit.of(new Operation.Append(name, 1, records, null))));
    }

    private static Commit define(Definition definition) {
        return Commit.of(new Operation.Define(definition, Expect.Anything.ANYTHING));
    }

    private void commit(List<Commit> commits) throws Exception {
        var session = backend.session(SessionSpec.of("test"));
        assertThat(session.commit(commits).toCompletableFuture().get())
                .allMatch(Receipt.Committed.class::isInstance);
    }

    private HttpResponse<String> get(String path, String accept) throws Exception {
        return send(request(path).header("Accept", accept).build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private HttpResponse<String> send(HttpRequest request)
            throws IOException, InterruptedException {
        return client.send(request, BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }

    private static String type(HttpResponse<String> answer) {
        return answer.headers().firstValue("Content-Type").orElseThrow();
    }
}
