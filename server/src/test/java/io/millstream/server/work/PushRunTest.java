package io.millstream.server.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import io.millstream.WorkQueue;
import io.millstream.api.Message;
import io.millstream.jobs.JobRef;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// `millstream push` to a real HTTP server.
class PushRunTest extends WorkFixture {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    private final List<Got> got = Collections.synchronizedList(new ArrayList<>());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch free = new CountDownLatch(1);
    private HttpServer endpoint;
    private volatile Answering answering = exchange -> answer(exchange, 200, "");

    private record Got(String path, Map<String, List<String>> headers, String body) {
        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        String header(String name) {
            return headers.get(name).getFirst();
        }

        List<String> texts() {
            return StreamSupport.stream(json().path("messages").spliterator(), false)
                    .map(one -> one.path("message").path("text").asString())
                    .toList();
        }
    }

    private interface Answering {
        void answer(HttpExchange exchange) throws Exception;
    }

    @BeforeEach
    void listen() throws IOException {
        endpoint = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        endpoint.setExecutor(threads);
        endpoint.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        byte[] body = exchange.getRequestBody().readAllBytes();
                        got.add(
                                new Got(
                                        exchange.getRequestURI().toString(),
                                        Map.copyOf(exchange.getRequestHeaders()),
                                        new String(body, StandardCharsets.UTF_8)));
                        answering.answer(exchange);
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                });
        endpoint.start();
    }

    @AfterEach
    void end() {
        free.countDown();
        endpoint.stop(0);
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private String url() {
        return "http://127.0.0.1:" + endpoint.getAddress().getPort() + "/hook?token=geheim";
    }

    private void send(WorkQueue queue, int messages) {
        for (int i = 0; i < messages; i++) {
            queue.send(Message.builder("m" + i).id("id" + i).build());
        }
    }

    @Test
    void a_message_is_posted_as_json_and_done_when_the_answer_is_good() {
        millstream
                .queue("mail")
                .send(Message.builder("hi").id("7").type("mail.send").header("a", "b").build());

        push("mail", url(), "--header", "X-Tenant: blue", "--header", "Authorization: Bearer t");

        await(() -> counts("mail").messages() == 0);
        assertThat(got).hasSize(1);
        Got one = got.getFirst();
        assertThat(one.path()).isEqualTo("/hook?token=geheim");
        assertThat(one.header("Content-type")).isEqualTo("application/json");
        assertThat(one.header("User-agent")).isEqualTo("millstream/1.2.3");
        assertThat(one.header("X-tenant")).isEqualTo("blue");
        assertThat(one.header("Authorization")).isEqualTo("Bearer t");
        assertThat(one.headers()).doesNotContainKey("Millstream-signature");
        JsonNode json = one.json();
        assertThat(json.path("id").asString()).isEqualTo("7");
        assertThat(json.path("queue").asString()).isEqualTo("mail");
        assertThat(json.path("attempt").asInt()).isEqualTo(1);
        assertThat(json.path("fence").asString()).matches("\\d{10}-\\d{19}");
        assertThat(json.path("submitted").asString()).startsWith("20");
        assertThat(json.path("message").toString())
                .isEqualTo(
                        "{\"id\":\"7\",\"type\":\"mail.send\","
                            + "\"headers\":[{\"name\":\"a\",\"value\":\"b\"}],\"text\":\"hi\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"sent":true} | {"sent":true}
                    thanks        | "thanks"
                    """)
    void the_answer_is_the_result_of_a_job_that_is_awaited(String body, String result) {
        answering = exchange -> answer(exchange, 201, body);
        JobRef<JsonNode> ref = enqueue("jobs", "{}");

        push("jobs", url());

        assertThat(ref.await(LONG)).hasToString(result);
    }

    @Test
    void requests_are_signed_over_the_time_and_the_body() throws Exception {
        Files.writeString(folder.resolve("secret"), SECRET + "\n");
        millstream.queue("mail").send("hi");
        long before = System.currentTimeMillis() / 1000;

        push("mail", url(), "--secret-file", "secret");

        await(() -> counts("mail").messages() == 0);
        String signature = got.getFirst().header("Millstream-signature");
        assertThat(signature).matches("t=\\d+,v1=[0-9a-f]{64}");
        String time = signature.substring(2, signature.indexOf(','));
        assertThat(Long.parseLong(time)).isBetween(before, System.currentTimeMillis() / 1000);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] expected =
                mac.doFinal((time + "." + got.getFirst().body()).getBytes(StandardCharsets.UTF_8));
        assertThat(signature).endsWith(HexFormat.of().formatHex(expected));
    }

    @Test
    void the_secret_may_be_in_the_environment() {
        environment.put("MILLSTREAM_PUSH_SECRET", SECRET);
        millstream.queue("mail").send("hi");

        push("mail", url());

        await(() -> counts("mail").messages() == 0);
        assertThat(got.getFirst().headers()).containsKey("Millstream-signature");
    }

    @Test
    void the_known_signature_of_a_known_body() {
        assertThat(Signer.of(SECRET).sign(1767225600, "{}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(
                        "t=1767225600,v1="
                            + "b7be7938951cd5456a1e6101d62f960010ae1a7b79450661c6af410ba2d5f546");
    }

    @Test
    void a_bad_answer_is_a_failure_by_the_policy_of_the_queue() {
        AtomicInteger calls = new AtomicInteger();
        answering =
                exchange -> {
                    calls.incrementAndGet();
                    answer(exchange, 500, "no disk");
                };
        mail(2);
        JobRef<JsonNode> ref = enqueue("mail", "{}");

        push("mail", url());

        assertThatThrownBy(() -> ref.await(LONG))
                .hasMessageContaining("/hook answers 500: no disk")
                .hasMessageNotContaining("geheim");
        await(() -> counts("mail-dead").ready() == 1);
        assertThat(calls).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void who_is_too_busy_and_says_until_when_is_asked_later_and_no_attempt_is_used(int status) {
        AtomicInteger calls = new AtomicInteger();
        answering =
                exchange -> {
                    if (calls.incrementAndGet() < 3) {
                        exchange.getResponseHeaders().add("Retry-After", "0");
                        answer(exchange, status, "");
                    } else {
                        answer(exchange, 200, "");
                    }
                };
        mail(1).send("x");

        push("mail", url());

        await(() -> counts("mail").messages() == 0);
        assertThat(counts("mail-dead").messages()).isZero();
        assertThat(got).hasSize(3).allMatch(one -> one.json().path("attempt").asInt() == 1);
    }

    @Test
    void who_is_too_busy_and_does_not_say_until_when_has_failed() {
        answering = exchange -> answer(exchange, 503, "");
        mail(1).send("x");

        push("mail", url());

        await(() -> counts("mail-dead").ready() == 1);
    }

    @Test
    void a_redirect_is_not_followed_and_is_a_failure_that_says_where_to() {
        answering =
                exchange -> {
                    exchange.getResponseHeaders().add("Location", "/elsewhere");
                    answer(exchange, 307, "");
                };
        mail(1);
        JobRef<JsonNode> ref = enqueue("mail", "{}");

        push("mail", url());

        assertThatThrownBy(() -> ref.await(LONG))
                .hasMessageContaining("answers 307: it has moved to /elsewhere");
        assertThat(got).hasSize(1);
    }

    @Test
    void an_answer_that_does_not_come_in_time_is_a_failure() {
        answering = _ -> free.await();
        mail(1);
        JobRef<JsonNode> ref = enqueue("mail", "{}");

        push("mail", url(), "--timeout", "300ms");

        assertThatThrownBy(() -> ref.await(LONG)).hasMessageContaining("did not answer in time");
    }

    @Test
    void an_answer_that_goes_on_for_ever_is_cut_off() {
        answering =
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    OutputStream out = exchange.getResponseBody();
                    while (free.getCount() > 0) {
                        out.write(new byte[1 << 16]);
                    }
                };
        mail(1);
        JobRef<JsonNode> ref = enqueue("mail", "{}");
        millstream.queue("other").send("nobody asks");

        push("mail", url(), "--timeout", "20s");
        push("other", url(), "--timeout", "20s");

        assertThatThrownBy(() -> ref.await(LONG)).hasMessageContaining("longer than 262144 bytes");
        await(() -> counts("other").messages() == 0);
    }

    @Test
    void nobody_who_listens_is_a_failure() {
        mail(1);
        JobRef<JsonNode> ref = enqueue("mail", "{}");

        push("mail", "http://127.0.0.1:1/");

        assertThatThrownBy(() -> ref.await(LONG)).hasMessageContaining("does not answer");
    }

    @Test
    void a_worker_that_is_stopped_gives_back_what_is_not_answered() {
        answering = _ -> free.await();
        mail(1).send("x");
        Running worker = push("mail", url(), "--grace", "100ms");
        await(() -> !got.isEmpty());

        worker.signal();

        assertThat(worker.status()).isZero();
        assertThat(counts("mail").ready()).isEqualTo(1);
        assertThat(counts("mail-dead").messages()).isZero();
    }

    // Batches.

    @Test
    void a_batch_goes_when_it_is_full_and_the_rest_when_its_window_is_over() {
        send(millstream.queue("mail"), 5);

        push("mail", url(), "--batch", "3", "--window", "2s", "--concurrency", "2");

        await(() -> counts("mail").messages() == 0);
        assertThat(got.stream().map(one -> one.texts().size())).containsExactlyInAnyOrder(3, 2);
        assertThat(got.stream().flatMap(one -> one.texts().stream()))
                .containsExactlyInAnyOrder("m0", "m1", "m2", "m3", "m4");
        assertThat(got.getFirst().json().path("queue").asString()).isEqualTo("mail");
    }

    @Test
    void those_of_a_batch_that_the_answer_names_have_failed_and_the_others_are_done() {
        answering =
                exchange ->
                        answer(
                                exchange,
                                200,
                                "{\"batchItemFailures\":[{\"itemIdentifier\":\"id1\"},"
                                        + "{\"itemIdentifier\":\"id3\"}]}");
        send(mail(1), 5);

        push("mail", url(), "--batch", "5", "--window", "10s");

        await(() -> counts("mail").messages() == 0);
        assertThat(got).hasSize(1);
        var dead = millstream.queue("mail-dead");
        assertThat(counts("mail-dead").ready()).isEqualTo(2);
        assertThat(
                        List.of(
                                dead.receive(LONG).orElseThrow().text(),
                                dead.receive(LONG).orElseThrow().text()))
                .containsExactlyInAnyOrder("m1", "m3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OK",
                "[]",
                "{\"batchItemFailures\":7}",
                "{\"batchItemFailures\":[{}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":null}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"unknown\"}]}",
                "{\"batchItemFailures\":[{\"bad\":\"id1\"}]}"
            })
    void an_answer_that_makes_no_sense_fails_the_whole_batch(String body) {
        answering = exchange -> answer(exchange, 200, body);
        send(mail(1), 3);

        push("mail", url(), "--batch", "3", "--window", "10s");

        await(() -> counts("mail-dead").ready() == 3);
        assertThat(got).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "null",
                "{\"batchItemFailures\":[]}",
                "{\"batchItemFailures\":null}"
            })
    void an_answer_with_nothing_in_it_is_that_of_a_whole_success(String body) {
        answering = exchange -> answer(exchange, 200, body);
        send(mail(1), 3);

        push("mail", url(), "--batch", "3", "--window", "10s");

        await(() -> counts("mail").messages() == 0);
        assertThat(counts("mail-dead").messages()).isZero();
        assertThat(got).hasSize(1);
    }

    @Test
    void a_batch_that_is_refused_has_failed_whole_and_one_that_comes_later_has_not() {
        AtomicInteger calls = new AtomicInteger();
        answering =
                exchange -> {
                    if (calls.incrementAndGet() == 1) {
                        exchange.getResponseHeaders().add("Retry-After", "0");
                        answer(exchange, 503, "");
                    } else {
                        answer(exchange, 400, "");
                    }
                };
        send(mail(1), 3);

        push("mail", url(), "--batch", "3", "--window", "500ms");

        await(() -> counts("mail-dead").ready() == 3);
        assertThat(calls.get()).isGreaterThan(1);
    }

    @Test
    void no_more_requests_than_are_said_are_under_way() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        answering =
                exchange -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    free.await(20, TimeUnit.MILLISECONDS);
                    now.decrementAndGet();
                    answer(exchange, 200, "");
                };
        send(millstream.queue("mail"), 60);

        push("mail", url(), "--batch", "4", "--window", "1ms", "--concurrency", "2");

        await(() -> counts("mail").messages() == 0);
        assertThat(most.get()).isLessThanOrEqualTo(2);
        assertThat(got.stream().mapToInt(one -> one.texts().size()).sum()).isEqualTo(60);
    }

    @Test
    void a_batch_is_no_larger_than_its_bound_in_bytes() {
        String large = "x".repeat(3 << 20);
        WorkQueue queue = millstream.queue("mail");
        for (int i = 0; i < 3; i++) {
            queue.send(large);
        }

        push("mail", url(), "--batch", "10", "--window", "1s");

        await(() -> counts("mail").messages() == 0);
        assertThat(got).allMatch(one -> one.body().length() <= Batches.BYTES_MAX + 100);
        assertThat(got).hasSize(3);
    }

    @Test
    void a_stop_gives_back_what_waits_for_its_batch_and_what_is_under_way() {
        answering = _ -> free.await();
        send(mail(1), 3);
        Running worker =
                push(
                        "mail",
                        url(),
                        "--batch",
                        "2",
                        "--concurrency",
                        "1",
                        "--window",
                        "1h",
                        "--grace",
                        "100ms");
        await(() -> !got.isEmpty());

        worker.signal();

        assertThat(worker.status()).isZero();
        assertThat(counts("mail").ready()).isEqualTo(3);
        assertThat(counts("mail-dead").messages()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    mail ftp://host/                          | URL is an address such as
                    mail http://ann:geheim@host/              | Give it as a header
                    mail http://host/ --header nocolon        | A header is such as
                    mail http://host/ --header Host:x         | A header is such as
                    mail http://host/ --batch 0               | --batch is a number from 1 to 1000
                    mail http://host/ --batch 1000 --concurrency 11 | is at most 10000, not 11000
                    mail http://host/ --secret-file nowhere   | nowhere cannot be read as text
                    nowhere http://host/                      | There is no queue nowhere
                    """)
    void what_makes_no_sense_is_refused_at_the_start(String arguments, String why) {
        millstream.queue("mail");
        assertThatThrownBy(() -> tryPush(arguments.split(" ")).status())
                .hasMessageContaining(why)
                .hasMessageNotContaining("geheim");
    }

    @Test
    void a_secret_that_could_be_guessed_is_refused() {
        environment.put("MILLSTREAM_PUSH_SECRET", "short");
        assertThatThrownBy(() -> tryPush("mail", url()).status())
                .hasMessageContaining("shorter than 16 characters")
                .hasMessageContaining("openssl rand -hex 32");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    0                              | PT0S
                    120                            | PT2M
                    99999999                       | PT24H
                    Thu, 01 Jan 1970 00:02:00 GMT  | PT2M
                    Wed, 31 Dec 1969 23:00:00 GMT  | PT0S
                    soon                           | -
                    -1                             | -
                    """)
    void when_to_come_again_is_a_number_of_seconds_or_a_date(String header, Duration later) {
        Reply reply = new Reply(503, new byte[0], header, null);
        assertThat(reply.later(Instant.EPOCH)).isEqualTo(later);
    }
}
