package io.millstream.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.jobs.Jobs;
import io.millstream.server.MemoryServer;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;

/// A started server on a disk in memory, with workers beside it in the same process.
final class JobServer implements AutoCloseable {
    static final String PASSWORD = "correct horse";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path data;
    private final MemoryDisk disk = new MemoryDisk();
    private final HttpClient client = HttpClient.newHttpClient();
    private MemoryServer server;
    private Jobs jobs;
    private String base;

    /// An answer, read.
    record Answer(int status, JsonNode body, HttpResponse<String> response) {
        String text(String member) {
            return body.path(member).asString("");
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        Answer is(int expected) {
            assertThat(status).as("%s", body).isEqualTo(expected);
            return this;
        }
    }

    JobServer(Path data) {
        this.data = data;
        start();
    }

    private void start() {
        server = MemoryServer.start(data, 0, Engine.open(disk, EngineOptions.inMemory()));
        jobs = Jobs.over(Millstream.over(engine()));
        base = server.address();
    }

    /// As it is stopped and started again on the same disk.
    void restart() {
        stop();
        start();
    }

    void stop() {
        jobs.close();
        server.close();
    }

    Jobs jobs() {
        return jobs;
    }

    Engine engine() {
        return server.engine();
    }

    String base() {
        return base;
    }

    /// A request, and what it sends: its answer is held against the description of the API.
    record Request(String method, String path, String json, HttpRequest.Builder builder) {
        Request with(String... headers) {
            if (headers.length > 0) {
                builder.headers(headers);
            }
            return this;
        }
    }

    Request request(String method, String path, String json) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + "/api/v1" + path))
                        .timeout(Duration.ofSeconds(30))
                        .method(
                                method,
                                json.isEmpty()
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(json));
        if (!json.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return new Request(method, path, json, request);
    }

    Answer send(Request request) throws Exception {
        return read(request, client.send(request.builder().build(), BodyHandlers.ofString()));
    }

    CompletableFuture<Answer> sendLater(Request request) {
        return client.sendAsync(request.builder().build(), BodyHandlers.ofString())
                .thenApply(response -> read(request, response));
    }

    private static Answer read(Request request, HttpResponse<String> response) {
        String body = response.body();
        JsonNode read = body.isEmpty() ? JSON.missingNode() : JSON.readTree(body);
        Described.checkAnswer(
                request.method(),
                "/api/v1" + request.path(),
                request.json(),
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                read);
        return new Answer(response.statusCode(), read, response);
    }

    Answer get(String path) throws Exception {
        return send(request("GET", path, ""));
    }

    Answer post(String path, String json, String... headers) throws Exception {
        return send(request("POST", path, json).with(headers));
    }

    Answer put(String path, String json) throws Exception {
        return send(request("PUT", path, json));
    }

    Answer as(String user, String method, String path, String json) throws Exception {
        return send(requestAs(user, method, path, json));
    }

    Request requestAs(String user, String method, String path, String json) {
        byte[] both = (user + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8);
        return request(method, path, json)
                .with("Authorization", "Basic " + Base64.getEncoder().encodeToString(both));
    }

    void user(String name, String... grants) throws Exception {
        String all = "\"" + String.join("\",\"", grants) + "\"";
        String json = "{\"grants\":[%s],\"password\":\"%s\"}".formatted(all, PASSWORD);
        send(requestAs("admin", "PUT", "/users/" + name, json).with("If-None-Match", "*")).is(204);
    }

    /// Submits a job, and says its id.
    String submit(String json) throws Exception {
        return post("/jobs", json).is(202).text("id");
    }

    @Override
    public void close() {
        client.close();
        stop();
    }
}
