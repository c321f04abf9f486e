package io.millstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.server.MemoryServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

/// The API on a started server, with users and without.
class ApiDoorTest {
    private static final String PASSWORD = "correct horse";
    private static final String DEFINE =
            "[{\"operations\":[{\"op\":\"define\","
                    + "\"definition\":{\"type\":\"queue\",\"name\":\"mail\"}}]}]";
    private static final String PUT =
            "[{\"operations\":[{\"op\":\"put\",\"queue\":\"mail\","
                    + "\"message\":{\"text\":\"hi\"}}]}]";
    private static final String TAKE = "{\"queue\":\"mail\",\"max_wait_ms\":20000}";

    @TempDir Path data;

    private final HttpClient client = HttpClient.newHttpClient();
    private MemoryServer server;
    private String base;

    @BeforeEach
    void start() {
        server = MemoryServer.start(data);
        base = server.address() + "/api/v1";
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private HttpRequest.Builder request(String method, String path, String json) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path))
                        .timeout(Duration.ofSeconds(30))
                        .method(
                                method,
                                json.isEmpty()
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(json));
        return json.isEmpty() ? request : request.header("Content-Type", "application/json");
    }

    private static HttpRequest.Builder as(
            String user, String password, HttpRequest.Builder request) {
        byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(both));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> postAs(String user, String path, String json) throws Exception {
        return send(as(user, PASSWORD, request("POST", path, json)));
    }

    private String openAs(String user) throws Exception {
        HttpResponse<String> opened = postAs(user, "/sessions", "{\"name\":\"test\"}");
        assertThat(opened.statusCode()).as(opened.body()).isEqualTo(201);
        return opened.headers().firstValue("Location").orElseThrow().replace("/api/v1", "");
    }

    private void user(String name, String grants) throws Exception {
        put(name, grants, "If-None-Match", "*");
    }

    private void put(String name, String grants, String... headers) throws Exception {
        HttpRequest.Builder put =
                request(
                        "PUT",
                        "/users/" + name,
                        "{\"grants\":[\"%s\"],\"password\":\"%s\"}".formatted(grants, PASSWORD));
        if (headers.length > 0) {
            put.headers(headers);
        }
        HttpResponse<String> made = send(as("admin", PASSWORD, put));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(204);
    }

    @Test
    void without_users_everybody_on_this_machine_may() throws Exception {
        HttpResponse<String> opened = send(request("POST", "/sessions", "{\"name\":\"test\"}"));
        String session =
                opened.headers().firstValue("Location").orElseThrow().replace("/api/v1", "");

        assertThat(send(request("POST", session + "/commits", DEFINE)).statusCode()).isEqualTo(200);
        assertThat(send(request("POST", session + "/commits", PUT)).statusCode()).isEqualTo(200);
        assertThat(send(request("POST", session + "/takes", TAKE)).body()).contains("\"hi\"");
    }

    @Test
    void users_do_what_they_are_granted() throws Exception {
        user("admin", "all:*");
        user("sender", "write:mail");
        user("worker", "read:mail");
        assertThat(postAs("admin", openAs("admin") + "/commits", DEFINE).statusCode())
                .isEqualTo(200);
        String sender = openAs("sender");
        String worker = openAs("worker");

        assertThat(postAs("sender", sender + "/commits", PUT).statusCode()).isEqualTo(200);
        assertThat(postAs("sender", sender + "/takes", TAKE).statusCode()).isEqualTo(403);
        assertThat(postAs("worker", worker + "/commits", PUT).body())
                .contains("The user worker may not: it takes write on mail.");
        assertThat(postAs("worker", worker + "/takes", TAKE).body()).contains("\"hi\"");
        assertThat(postAs("worker", sender + "/takes", TAKE).statusCode()).isEqualTo(404);
    }

    @Test
    void what_is_taken_from_a_user_counts_for_the_next_request() throws Exception {
        user("admin", "all:*");
        user("worker", "all:mail");
        String worker = openAs("worker");
        assertThat(postAs("worker", worker + "/commits", DEFINE).statusCode()).isEqualTo(200);

        put("worker", "read:mail");

        assertThat(postAs("worker", worker + "/commits", PUT).statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /capabilities",
        "POST, /find",
        "POST, /sessions",
        "DELETE, /sessions/x",
        "POST, /sessions/x/commits",
        "POST, /sessions/x/takes"
    })
    void who_says_nothing_or_a_wrong_password_is_asked(String method, String path)
            throws Exception {
        user("admin", "all:*");
        String body = method.equals("POST") ? "{\"rubbish\":true}" : "";

        HttpResponse<String> silent = send(request(method, path, body));
        HttpResponse<String> wrong = send(as("admin", "wrong", request(method, path, body)));

        assertThat(silent.statusCode()).isEqualTo(401);
        assertThat(silent.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.headers().firstValue("Content-Type")).contains("application/problem+json");
    }

    @Test
    void users_are_not_reached_as_rows() throws Exception {
        user("admin", "all:*");

        HttpResponse<String> look =
                postAs("admin", "/find", "{\"query\":\"rows\",\"table\":\"millstream.users\"}");

        assertThat(look.statusCode()).isEqualTo(403);
        assertThat(look.body()).contains("millstream.users").doesNotContain("admin\"");
    }

    @ParameterizedTest
    @CsvSource({"GET, /nothing, 404", "POST, /sessions/x/nothing, 404", "PATCH, /users, 405"})
    void what_is_not_there_is_a_problem(String method, String path, int status) throws Exception {
        HttpResponse<String> answer = send(request(method, path, ""));

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
    }

    @Test
    void ids_of_sessions_are_no_labels() throws Exception {
        HttpResponse<String> opened = send(request("POST", "/sessions", "{\"name\":\"test\"}"));
        String session =
                opened.headers().firstValue("Location").orElseThrow().replace("/api/v1", "");
        send(request("POST", session + "/commits", "[]"));

        String metrics =
                send(HttpRequest.newBuilder(URI.create(base.replace("/api/v1", "/metrics"))))
                        .body();

        assertThat(metrics)
                .contains("/api/v1/sessions/:id/commits")
                .doesNotContain(session.substring("/sessions/".length()));
    }
}
