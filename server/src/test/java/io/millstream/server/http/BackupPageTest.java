package io.millstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millstream.Millstream;
import io.millstream.api.Bytes;
import io.millstream.api.Message;
import io.millstream.engine.Backup;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.archive.ArchiveReader;
import io.millstream.engine.archive.Manifest;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.protocols.web.Guard;
import io.millstream.server.users.StoredRoster;
import io.vertx.core.Vertx;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

class BackupPageTest {
    private static final int MESSAGES = 40;
    private static final int MESSAGE_BYTES = 1 << 20;

    private final Vertx vertx = Vertx.vertx();
    private final Engine engine = Engine.open(new MemoryDisk(), EngineOptions.inMemory());
    private final Users users = Users.open(engine).toCompletableFuture().join();
    private final Millstream millstream = Millstream.over(engine);
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpDoor door;
    private int port;

    @BeforeEach
    void open() {
        SplittableRandom random = new SplittableRandom(1);
        byte[] body = new byte[MESSAGE_BYTES];
        for (int i = 0; i < MESSAGES; i++) {
            random.nextBytes(body);
            millstream.queue("mail").send(Message.of(Bytes.of(body.clone())));
        }
        Site site =
                new Site(
                        "1.2.3",
                        Path.of("/data"),
                        Instant.now(),
                        engine,
                        engine::backup,
                        StoredRoster.served(users, true),
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                        () -> Phase.READY,
                        Map::of,
                        Optional.empty());
        door = new HttpDoor(vertx, site, Guard.OPEN, ApiLimits.USUAL);
        port = door.start("127.0.0.1", 0);
    }

    @AfterEach
    void close() {
        client.close();
        door.close(Duration.ZERO);
        vertx.close().toCompletionStage().toCompletableFuture().join();
        millstream.close();
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/backup"));
    }

    private <T> HttpResponse<T> post(HttpResponse.BodyHandler<T> handler) throws Exception {
        return client.send(request().POST(BodyPublishers.noBody()).build(), handler);
    }

    @Test
    void a_post_is_answered_with_the_archive() throws Exception {
        HttpResponse<byte[]> answer = post(BodyHandlers.ofByteArray());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/zip");
        Manifest manifest =
                ArchiveReader.read(new ByteArrayInputStream(answer.body()), ArchiveReader.NOBODY);
        assertThat(manifest.queues()).isEqualTo(Map.of("mail", (long) MESSAGES));
    }

    @Test
    void a_get_begins_none_and_says_how() throws Exception {
        HttpResponse<String> answer = client.send(request().build(), BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("POST");
        assertThat(answer.body()).contains("millstream backup");
    }

    @Test
    void a_page_in_a_browser_gets_none() throws Exception {
        HttpRequest foreign =
                request()
                        .header("Origin", "http://example.com")
                        .POST(BodyPublishers.noBody())
                        .build();

        assertThat(client.send(foreign, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
    }

    @Test
    void a_second_one_is_refused_while_one_is_taken() throws Exception {
        try (Backup first = engine.backup().toCompletableFuture().join()) {
            HttpResponse<String> answer = post(BodyHandlers.ofString());

            assertThat(first.manifest().messages()).isEqualTo(MESSAGES);
            assertThat(answer.statusCode()).isEqualTo(409);
            assertThat(answer.body()).contains("Another backup is being taken");
        }
        assertThat(post(BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }

    @Test
    void a_client_that_leaves_in_the_middle_ends_it() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String request = "POST /backup HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
            assertThat(post(BodyHandlers.discarding()).statusCode()).isEqualTo(409);
        }

        await().until(() -> statusOfPost() == 200);
    }

    private int statusOfPost() throws IOException {
        try {
            return post(BodyHandlers.discarding()).statusCode();
        } catch (Exception failed) {
            throw new IOException(failed);
        }
    }
}
