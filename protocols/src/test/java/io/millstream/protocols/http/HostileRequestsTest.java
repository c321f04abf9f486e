package io.millstream.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.memory.MemoryBackend;
import io.millstream.wire.Problem;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/// Whoever sends rubbish is told so, and costs nobody else anything.
class HostileRequestsTest {
    private static final String ID = "SESSION";
    private static final Map<String, String> POSTS =
            Map.of(
                    "/find", "{\"query\":\"queue_named\",\"name\":\"mail\"}",
                    "/sessions", "{\"name\":\"test\"}",
                    "/sessions/SESSION/commits", "[]",
                    "/sessions/SESSION/takes", "{\"queue\":\"mail\"}");

    private ApiServer server;
    private String session;

    @BeforeEach
    void open() {
        open(ApiLimits.USUAL);
    }

    private void open(ApiLimits limits) {
        if (server != null) {
            server.close();
        }
        server = new ApiServer(new MemoryBackend(TimeSource.system()), limits);
        server.commit(
                new Operation.Define(
                        Definition.Queue.of(ChannelName.of("mail")), Expect.Anything.ANYTHING));
        session = server.open();
    }

    @AfterEach
    void others_are_served_and_nothing_is_held() {
        assertThat(server.post(session + "/commits", "[]").statusCode()).isEqualTo(200);
        await().untilAsserted(() -> {
            assertThat(server.api().requests()).isZero();
            assertThat(server.api().heldBytes()).isZero();
        });
        server.close();
    }

    private String here(String path) {
        return path.replace("/sessions/" + ID, session);
    }

    private static byte[] text(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    /// What no endpoint can read, in words.
    private static Map<String, byte[]> rubbish() {
        byte[] random = new byte[3_000];
        new Random(31).nextBytes(random);
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("nothing", new byte[0]);
        all.put("random bytes", random);
        all.put("half of a character", new byte[] {'"', (byte) 0xC3, '"'});
        all.put("deep arrays", text("[".repeat(100_000)));
        all.put("deep objects", text("{\"a\":".repeat(30_000)));
        all.put("closed deep arrays", text("[".repeat(5_000) + "]".repeat(5_000)));
        all.put("a huge number", text("9".repeat(10_000)));
        all.put("a huge exponent", text("1e999999999"));
        all.put("null", text("null"));
        all.put("a text", text("\"mail\""));
        all.put("a number", text("7"));
        all.put("an empty object", text("{}"));
        all.put("an object of rubbish", text("{\"rubbish\":{\"a\":[1,2]}}"));
        all.put("an array of rubbish", text("[{\"rubbish\":1}]"));
        all.put("an array of nulls", text("[null]"));
        all.put("two values", text("{} {}"));
        all.put("no end", text("{\"queue\":\"mail\""));
        all.put("a member twice", text("{\"queue\":\"mail\",\"queue\":\"mail\"}"));
        all.put("XML", text("<queue>mail</queue>"));
        all.put("a form", text("queue=mail&messages=10"));
        all.put("not a number", text("{\"queue\":\"mail\",\"messages\":NaN}"));
        all.put("a million brackets", text("[" + "[],".repeat(400_000) + "[]]"));
        return all;
    }

    static Stream<String> paths() {
        return POSTS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("paths")
    void what_cannot_be_read_is_refused_with_words(String path) {
        rubbish()
                .forEach((what, body) -> {
                    HttpResponse<String> answer =
                            server.send(
                                    server.request(here(path))
                                            .header("Content-Type", "application/json")
                                            .POST(BodyPublishers.ofByteArray(body)));

                    Problem problem = ApiServer.problem(answer);
                    assertThat(problem.status())
                            .as("%s to %s: %s", what, path, problem)
                            .isBetween(400, 413)
                            .isEqualTo(answer.statusCode());
                    assertThat(problem.detail()).endsWith(".");
                });
    }

    @ParameterizedTest
    @MethodSource("paths")
    void a_member_that_is_not_known_is_refused_and_named(String path) {
        String right = POSTS.get(path);
        String wrong =
                right.equals("[]")
                        ? "[{\"operations\":[{\"op\":\"purge\",\"queue\":\"mail\",\"now\":1}]}]"
                        : right.replace("}", ",\"now\":1}");

        Problem problem = ApiServer.problem(server.post(here(path), wrong));

        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.place()).endsWith(".now");
    }

    @ParameterizedTest
    @MethodSource("paths")
    void bodies_are_json_by_their_own_account(String path) {
        for (String type : new String[] {"text/plain", "application/xml", "json", ""}) {
            HttpRequest.Builder request =
                    server.request(here(path)).POST(BodyPublishers.ofString(POSTS.get(path)));
            HttpResponse<String> answer =
                    server.send(type.isEmpty() ? request : request.header("Content-Type", type));
            assertThat(ApiServer.problem(answer).status()).as(type).isEqualTo(415);
        }
        assertThat(
                        server.send(
                                        server.request(here(path))
                                                .header(
                                                        "Content-Type",
                                                        "Application/JSON; charset=utf-8")
                                                .POST(BodyPublishers.ofString(POSTS.get(path))))
                                .statusCode())
                .isLessThan(300);
    }

    @ParameterizedTest
    @CsvSource({
        "text/html, 406",
        "application/xml;q=1, 406",
        "application/json;q=0, 406",
        "'text/html, application/json', 200",
        "application/*, 200",
        "*/*, 200"
    })
    void answers_are_json_for_who_accepts_it(String accept, int status) {
        HttpResponse<String> answer =
                server.send(server.request("/capabilities").header("Accept", accept));

        assertThat(answer.statusCode()).isEqualTo(status);
        if (status != 200) {
            assertThat(ApiServer.problem(answer).type()).isEqualTo("urn:millstream:not-acceptable");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/capabilities, POST, 'GET, HEAD'",
        "/capabilities, DELETE, 'GET, HEAD'",
        "/find, GET, POST",
        "/find, PUT, POST",
        "/sessions, GET, POST",
        "/sessions, PATCH, POST",
        "/sessions/SESSION, POST, DELETE",
        "/sessions/SESSION, GET, DELETE",
        "/sessions/SESSION/commits, GET, POST",
        "/sessions/SESSION/takes, DELETE, POST"
    })
    void a_path_says_which_methods_it_takes(String path, String method, String allowed) {
        HttpResponse<String> answer =
                server.send(server.request(here(path)).method(method, BodyPublishers.noBody()));

        assertThat(ApiServer.problem(answer).status()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains(allowed);
    }

    @ParameterizedTest
    @CsvSource({"x", "AAAAAAAAAAAAAAAAAAAAAA", "%00", "..%2f..%2fetc", "null", "%F0%9F%98%80"})
    void a_session_that_is_not_there_is_a_404(String id) {
        for (String what : new String[] {"/commits", "/takes"}) {
            Problem problem = ApiServer.problem(server.post("/sessions/" + id + what, "[]"));
            assertThat(problem.type()).isEqualTo("urn:millstream:no-such-session");
            assertThat(problem.status()).isEqualTo(404);
        }
        assertThat(server.delete("/sessions/" + id).statusCode()).isEqualTo(404);
    }

    @Test
    void a_session_is_not_there_for_another_user() {
        server.user("ann", "all:*");
        server.user("bob", "all:*");
        String ann = server.openAs("ann");

        assertThat(server.postAs("bob", ann + "/commits", "[]").statusCode()).isEqualTo(404);
        assertThat(server.post(ann + "/commits", "[]").statusCode()).isEqualTo(404);
        assertThat(server.deleteAs("bob", ann).statusCode()).isEqualTo(404);
        assertThat(server.postAs("ann", session + "/commits", "[]").statusCode()).isEqualTo(404);
        assertThat(server.postAs("ann", ann + "/commits", "[]").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"Origin, https://example.com", "Sec-Fetch-Site, cross-site"})
    void a_page_in_a_browser_is_refused_everywhere(String header, String value) {
        assertThat(
                        ApiServer.problem(
                                        server.send(
                                                server.request("/capabilities")
                                                        .header(header, value)))
                                .type())
                .isEqualTo("urn:millstream:foreign-page");
        POSTS.forEach((path, body) ->
                assertThat(
                                server.send(server.posting(here(path), body).header(header, value))
                                        .statusCode())
                        .isEqualTo(403));
    }

    @Test
    void a_body_that_is_too_large_is_refused_before_and_while_it_comes() throws IOException {
        Problem small =
                ApiServer.problem(
                        server.post(
                                "/sessions", "{\"name\":\"%s\"}".formatted("x".repeat(20_000))));
        assertThat(small.status()).isEqualTo(413);

        Map<String, String> chunked =
                Map.of("Content-Type", "application/json", "Transfer-Encoding", "chunked");
        byte[] chunk = text("5000\r\n" + "x".repeat(0x5000) + "\r\n0\r\n\r\n");
        try (Socket socket = server.raw("POST", "/sessions", chunked, chunk)) {
            assertThat(firstLine(socket)).startsWith("HTTP/1.1 413");
        }
        Map<String, String> declared =
                Map.of("Content-Type", "application/json", "Content-Length", "99999999999");
        try (Socket socket = server.raw("POST", "/find", declared, new byte[0])) {
            assertThat(firstLine(socket)).startsWith("HTTP/1.1 413");
        }
    }

    private static String firstLine(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = socket.getInputStream().read();
        while (next >= 0 && next != '\r') {
            line.append((char) next);
            next = socket.getInputStream().read();
        }
        return line.toString();
    }

    @Test
    void a_body_that_does_not_come_is_not_waited_for_long() throws IOException {
        open(ApiLimitsForTests.withRequestMillis(300));
        Map<String, String> headers =
                Map.of("Content-Type", "application/json", "Content-Length", "100");
        try (Socket socket = server.raw("POST", "/find", headers, text("{\"query\""))) {
            assertThat(firstLine(socket)).startsWith("HTTP/1.1 408");
        }
    }

    @Test
    void a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing() throws IOException {
        Map<String, String> headers =
                Map.of("Content-Type", "application/json", "Content-Length", "100000");
        try (Socket _ =
                server.raw("POST", here("/sessions/SESSION/commits"), headers, new byte[50_000])) {
            await().until(() -> server.api().heldBytes() > 0);
        }
    }

    @Test
    void what_makes_no_sense_in_a_take_is_named() {
        Problem wait =
                ApiServer.problem(
                        server.post(
                                session + "/takes", "{\"queue\":\"mail\",\"max_wait_ms\":50001}"));
        Problem none =
                ApiServer.problem(
                        server.post(session + "/takes", "{\"queue\":\"mail\",\"messages\":0}"));
        Problem handle =
                ApiServer.problem(
                        server.post(
                                session + "/commits",
                                "[{\"operations\":[{\"op\":\"check\",\"handle\":\"AQAAAA\"}]}]"));

        assertThat(wait.place()).isEqualTo("$.max_wait_ms");
        assertThat(none.place()).isEqualTo("$.messages");
        assertThat(handle.place()).isEqualTo("$[0].operations[0].handle");
    }

    @Test
    void a_session_of_long_words_is_refused() {
        String name = "x".repeat(256);
        assertThat(server.post("/sessions", "{\"name\":\"" + name + "\"}").statusCode())
                .isEqualTo(400);
        assertThat(
                        server.post(
                                        "/sessions",
                                        "{\"name\":\"a\",\"labels\":{\"a\":\"" + name + "\"}}")
                                .statusCode())
                .isEqualTo(400);
    }
}
