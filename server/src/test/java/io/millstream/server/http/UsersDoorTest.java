package io.millstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.access.Grant;
import io.millstream.protocols.access.User;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.access.Verifier.Password;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.protocols.web.Guard;
import io.millstream.server.users.Roster;
import io.millstream.server.users.StoredRoster;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
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
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The status port with users: who may look, who may take a backup, and who may change users.
class UsersDoorTest {
    private static final String PASSWORD = "correct horse";
    private static final String USERS = "/api/v1/users";

    private final Vertx vertx = Vertx.vertx();
    private final Engine engine = Engine.open(new MemoryDisk(), EngineOptions.inMemory());
    private final Users users = Users.open(engine).toCompletableFuture().join();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpDoor door;
    private String base;

    @BeforeEach
    void open() {
        open(false, Doorman::isFromLoopback);
    }

    private void open(boolean plainPasswords, Predicate<HttpServerRequest> isLocal) {
        open(plainPasswords, isLocal, StoredRoster.served(users, true));
    }

    private void open(boolean plainPasswords, Predicate<HttpServerRequest> isLocal, Roster roster) {
        Site site =
                new Site(
                        "1.2.3",
                        Path.of("/data"),
                        Instant.now(),
                        engine,
                        engine::backup,
                        roster,
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                        () -> Phase.READY,
                        Map::of,
                        Optional.empty());
        Guard guard =
                new Guard(
                        Access.of(users, true),
                        Optional.empty(),
                        plainPasswords,
                        InstantSource.system());
        door = new HttpDoor(vertx, site, guard, ApiLimits.USUAL, isLocal);
        base = "http://127.0.0.1:" + door.start("127.0.0.1", 0);
    }

    @AfterEach
    void close() {
        client.close();
        door.close(Duration.ZERO);
        users.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        engine.close();
    }

    private void user(String name, String... grants) {
        Password password = Password.of(PASSWORD);
        users.change(
                        name,
                        none ->
                                User.named(name)
                                        .withPassword(password)
                                        .withGrants(
                                                Arrays.stream(grants).map(Grant::parse).toList()))
                .toCompletableFuture()
                .join();
    }

    private HttpRequest.Builder request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder as(String user, HttpRequest.Builder request) {
        return as(user, PASSWORD, request);
    }

    private static HttpRequest.Builder as(
            String user, String password, HttpRequest.Builder request) {
        byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(both));
    }

    private int status(String user, String method, String path) throws Exception {
        return send(as(user, request(method, path, ""))).statusCode();
    }

    @ParameterizedTest
    @CsvSource({
        // path, method, nobody, who reads something, who writes only, who manages everything
        "/health,       GET,  200, 200, 200, 200",
        "/health/live,  GET,  200, 200, 200, 200",
        "/health/ready, GET,  200, 200, 200, 200",
        "/,             GET,  401, 200, 403, 200",
        "/metrics,      GET,  401, 200, 403, 200",
        "/backup,       POST, 401, 403, 403, 200",
        "/api/v1/users, GET,  401, 403, 403, 200",
        "/nothing,      GET,  404, 404, 404, 404"
    })
    void each_path_wants_what_the_page_says(
            String path, String method, int nobody, int reader, int writer, int admin)
            throws Exception {
        user("admin", "all:*");
        user("reader", "read:mail");
        user("writer", "write:*");

        assertThat(send(request(method, path, "")).statusCode()).isEqualTo(nobody);
        assertThat(status("reader", method, path)).isEqualTo(reader);
        assertThat(status("writer", method, path)).isEqualTo(writer);
        assertThat(status("admin", method, path)).isEqualTo(admin);
    }

    @Test
    void what_jobs_died_of_is_shown_to_those_only_who_may_read_all() throws Exception {
        user("admin", "all:*");
        user("auditor", "read:*");
        user("clerk", "read:mail");
        ChannelName dead = ChannelName.of("jobs.dead");
        Message message =
                Message.builder("{}")
                        .id("j1")
                        .type("mail.send")
                        .header(Header.text("millstream-dead-reason", "password of ann <b>"))
                        .header(Header.text("millstream-dead-fingerprint", "4f1c09a2b7d3"))
                        .build();
        try (Session session = engine.session(SessionSpec.of("test"))) {
            Operation define =
                    new Operation.Define(Definition.Queue.of(dead), Expect.Nothing.NOTHING);
            session.commit(Commit.of(define, new Operation.Put(dead, message)))
                    .toCompletableFuture()
                    .join();
        }

        assertThat(page("auditor"))
                .contains("4f1c09a2b7d3", "password of ann &lt;b&gt;")
                .containsPattern("<bdi>jobs.dead</bdi></td>.*class=\"wait\">\\d+ s</td>");
        assertThat(page("clerk")).contains("jobs dead").doesNotContain("4f1c09a2b7d3", "password");
        HttpResponse<String> script = send(request("GET", "/status.js", ""));
        assertThat(script.statusCode()).isEqualTo(200);
        assertThat(script.headers().firstValue("Content-Type"))
                .contains("text/javascript; charset=utf-8");
    }

    /// As a browser asks for it.
    private String page(String user) throws Exception {
        HttpRequest.Builder request = request("GET", "/", "").header("Accept", "text/html");
        HttpResponse<String> answer = send(as(user, request));
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void who_says_nothing_or_a_wrong_password_is_asked() throws Exception {
        user("admin", "all:*");

        HttpResponse<String> silent = send(request("GET", "/", ""));
        assertThat(silent.headers().firstValue("WWW-Authenticate"))
                .contains("Basic realm=\"Millstream\", charset=\"UTF-8\"");
        HttpResponse<String> wrong = send(as("admin", "wrong", request("GET", "/", "")));
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).contains("There is no user of this name and password.");
        for (String header : new String[] {"Basic", "Basic !", "Basic eA==", "Bearer x"}) {
            assertThat(send(request("GET", "/", "").header("Authorization", header)).statusCode())
                    .as(header)
                    .isEqualTo(401);
        }
    }

    @Test
    void a_removed_user_is_asked_at_once() throws Exception {
        user("admin", "all:*");
        user("reader", "read:mail");
        assertThat(status("reader", "GET", "/")).isEqualTo(200);

        assertThat(status("admin", "DELETE", USERS + "/reader")).isEqualTo(204);

        assertThat(status("reader", "GET", "/")).isEqualTo(401);
    }

    @Test
    void the_first_user_is_added_from_this_machine_and_closes_the_door() throws Exception {
        String admin = "{\"grants\":[\"all:*\"],\"password\":\"" + PASSWORD + "\"}";
        HttpRequest.Builder add = request("PUT", USERS + "/admin", admin);
        assertThat(send(request("GET", "/", "")).statusCode()).isEqualTo(200);

        assertThat(send(add.header("If-None-Match", "*")).statusCode()).isEqualTo(204);

        assertThat(send(request("GET", "/", "")).statusCode()).isEqualTo(401);
        assertThat(send(add).statusCode()).isEqualTo(401);
        assertThat(send(as("admin", add)).statusCode()).isEqualTo(409);
        assertThat(send(as("admin", request("GET", USERS, ""))).body().strip())
                .isEqualTo(
                        "{\"users\":[{\"name\":\"admin\",\"grants\":[\"all:*\"],"
                                + "\"password\":true,\"keys\":[]}]}");
    }

    @Test
    void a_key_is_shown_once_and_can_be_removed() throws Exception {
        user("admin", "all:*");

        HttpResponse<String> made = send(as("admin", request("POST", USERS + "/admin/keys", "")));

        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(made.body()).contains("\"secretAccessKey\":\"");
        String id = users.directory().named("admin").orElseThrow().keys().getFirst().id();
        assertThat(made.body()).contains("\"accessKeyId\":\"" + id + "\"");
        assertThat(send(as("admin", request("GET", USERS, ""))).body())
                .contains(id)
                .doesNotContain("secret");
        assertThat(status("admin", "DELETE", USERS + "/admin/keys/" + id)).isEqualTo(204);
        assertThat(status("admin", "DELETE", USERS + "/admin/keys/" + id)).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    PUT|/new|{"grants":["sing:x"]}|400|The verbs are read, write, manage and all.
                    PUT|/new|{"grant":["read:x"]}|400|The body is not JSON with grants
                    PUT|/new|[]|400|The body is not JSON with grants
                    PUT|/new|null|400|or one of them: it is null.
                    PUT|/a%20b|{"grants":["read:x"]}|400|A user's name has 1 to 64 letters
                    PUT|/new|{"password":"short"}|400|A password has 8 to 256 characters, not 5.
                    PUT|/admin|{"grants":["read:x"]}|409|Nobody could change users any more.
                    DELETE|/nobody||404|There is no user nobody.
                    DELETE|/admin||409|Nobody could change users any more.
                    POST|/nobody/keys||404|There is no user nobody.
                    POST|/admin||405|This path does not take POST.
                    """)
    void what_cannot_be_done_is_said_in_words(
            String method, String path, String body, int status, String message) throws Exception {
        user("admin", "all:*");
        user("other", "read:x");
        HttpRequest.Builder request = request(method, USERS + path, body == null ? "" : body);
        if (path.equals("/new") || path.contains("%")) {
            request.header("If-None-Match", "*");
        }

        HttpResponse<String> answer = send(as("admin", request));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains(message);
        assertThat(users.directory().size()).isEqualTo(2);
    }

    @Test
    void a_body_that_is_too_large_is_refused_in_words() throws Exception {
        user("admin", "all:*");

        HttpResponse<String> answer =
                send(as("admin", request("PUT", USERS + "/admin", " ".repeat(70_000))));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("The body is larger than 65536 bytes.");
    }

    @Test
    void a_store_that_takes_no_changes_now_is_no_bug() throws Exception {
        user("admin", "all:*");
        door.close(Duration.ZERO);
        Refusal busy = new Refusal.Busy("The disk is full. Free some of it.");
        open(
                false,
                Doorman::isFromLoopback,
                (Roster)
                        Proxy.newProxyInstance(
                                Roster.class.getClassLoader(),
                                new Class<?>[] {Roster.class},
                                (self, method, arguments) -> {
                                    throw new RefusedException(busy);
                                }));

        HttpResponse<String> answer = send(as("admin", request("DELETE", USERS + "/x", "")));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("The disk is full.");
    }

    @Test
    void who_may_change_users_is_asked_again_when_the_body_is_there() throws Exception {
        String body = "{\"grants\":[\"all:*\"]}";
        try (Socket slow =
                        new Socket(InetAddress.getLoopbackAddress(), URI.create(base).getPort());
                BufferedReader answers =
                        new BufferedReader(
                                new InputStreamReader(
                                        slow.getInputStream(), StandardCharsets.UTF_8))) {
            slow.setSoTimeout(30_000);
            send(
                    slow,
                    "PUT /api/v1/users/evil HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\n"
                            + "Expect: 100-continue\r\nContent-Length: "
                            + body.length()
                            + "\r\n\r\n");
            assertThat(answers.readLine()).isEqualTo("HTTP/1.1 100 Continue");
            user("admin", "all:*");

            send(slow, body);

            assertThat(answers.readLine()).isEmpty();
            assertThat(answers.readLine()).isEqualTo("HTTP/1.1 401 Unauthorized");
        }
        assertThat(users.directory().named("evil")).isEmpty();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_page_in_a_browser_cannot_change_users_whoever_sits_before_it() throws Exception {
        String body = "{\"grants\":[\"all:*\"]}";
        HttpRequest.Builder open = request("PUT", USERS + "/evil", body);
        open.header("If-None-Match", "*").header("Origin", "http://evil.example");
        assertThat(send(open).statusCode()).isEqualTo(403);
        HttpRequest.Builder list = request("GET", USERS, "");
        assertThat(send(list.header("Sec-Fetch-Site", "cross-site")).statusCode()).isEqualTo(403);

        user("admin", "all:*");
        assertThat(send(as("admin", open)).statusCode()).isEqualTo(403);
        assertThat(users.directory().named("evil")).isEmpty();
    }

    @Test
    void from_other_machines_passwords_are_taken_over_plain_http_only_where_it_was_said()
            throws Exception {
        user("admin", "all:*");
        door.close(Duration.ZERO);
        open(false, request -> false);

        HttpResponse<String> answer = send(as("admin", request("GET", "/", "")));
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("Passwords are not taken over plain HTTP");

        door.close(Duration.ZERO);
        open(true, request -> false);
        assertThat(status("admin", "GET", "/")).isEqualTo(200);
    }

    @Test
    void the_first_user_is_not_added_from_another_machine() throws Exception {
        door.close(Duration.ZERO);
        open(true, request -> false);

        HttpResponse<String> answer =
                send(request("PUT", USERS + "/a", "{\"grants\":[\"all:*\"]}"));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("the first is added from the server's own machine");
        assertThat(send(request("GET", "/", "")).statusCode()).isEqualTo(200);
    }
}
