package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/// Clients that are broken, slow, too many or too large: each gets an answer or is hung up on, and
/// nobody else notices.
@SuppressWarnings("StringConcatToTextBlock") // HTTP's lines do not end as text blocks do.
class HostileClientsTest {
    private static final int BODY_BYTES_MAX = 64 << 10;
    private static final int SMALL_BODY_BYTES_MAX = 4 << 10;
    private static final AwsLimits LIMITS = limits(1 << 20, 400);
    private static final Pattern HANDLE = Pattern.compile("\"ReceiptHandle\":\"[^\"]+\"");

    private AwsServer server;

    @BeforeEach
    void open() {
        server = AwsServer.start(LIMITS);
        server.json("CreateQueue", "{\"QueueName\":\"mail\"}");
    }

    @AfterEach
    void nobody_else_noticed() {
        String url = queue(server);
        assertThat(server.json("SendMessage", url + ",\"MessageBody\":\"sound\"}").statusCode())
                .isEqualTo(200);
        assertThat(server.json("ReceiveMessage", url + "}").body()).contains("sound");
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "{",
                "[]",
                "null",
                "{\"QueueUrl\":",
                "{\"QueueUrl\":1}",
                "{\"QueueUrl\":{}}",
                "{\"QueueUrl\":\"\\ud800\\u0000\"}",
                "{\"QueueUrl\":[1]}",
                "{\"QueueUrl\":\"{mail}\"} {}",
                "{\"QueueUrl\":\"{mail}\",\"QueueUrl\":\"{mail}\"}",
                "{\"QueueUrl\":\"{mail}\",\"MessageBody\":1}",
                "{\"QueueUrl\":\"{mail}\",\"MessageBody\":\"\\ud800\"}",
                "{\"QueueUrl\":\"{mail}\",\"MessageBody\":\"x\",\"DelaySeconds\":\"0\"}",
                "{\"QueueUrl\":\"{mail}\",\"MessageBody\":\"x\",\"DelaySeconds\":0.5}",
                "{\"QueueUrl\":\"{mail}\",\"MessageBody\":\"x\",\"DelaySeconds\":1e999}",
                "{\"QueueUrl\":\"{mail}\",\"DelaySeconds\":9223372036854775808}",
                "{\"QueueUrl\":\"{mail}\",\"MessageBody\":\"x\",\"MessageAttributes\":[]}",
                "{\"QueueUrl\":\"{mail}\",\"MessageBody\":\"x\",\"MessageAttributes\":{\"a\":1}}"
            })
    void malformed_json_is_refused(String body) {
        var answer = server.json("SendMessage", body.replace("{mail}", server.url("mail")));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).startsWith("{\"__type\":\"com.amazon").doesNotContain("\tat ");
    }

    @Test
    void deep_nesting_is_refused() {
        var answer = server.json("SendMessage", "{\"a\":".repeat(10_000));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("SerializationException");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "=",
                "&&&",
                "Action",
                "Action=SendMessage&Action=SendMessage",
                "Action=SendMessage&%",
                "Action=SendMessage&QueueUrl=%zz",
                "Action=SendMessage&MessageBody=%ff",
                "Action=SendMessage&Version=1999-01-01",
                "Action=SendMessage&MessageAttribute.x.Name=a",
                "Action=SendMessage&MessageAttribute.1.Name=a",
                "Action=SendMessage&MessageAttribute.1.Value.DataType=String",
                "Action=SendMessage&MessageAttribute.999999999999.Name=a",
                "Action=SendMessage&MessageAttribute.0.Name=a",
                "Action=SendMessage&a.b.c.d.e.f.g.h.i.j.k.l.m=1",
                "Action=SendMessage&DelaySeconds=x"
            })
    void malformed_forms_are_refused(String form) {
        var answer = server.query(form);

        assertThat(answer.statusCode()).isIn(400, 404);
        assertThat(answer.body()).contains("<ErrorResponse").doesNotContain("\tat ");
    }

    @Test
    void no_queue_begins_with_a_prefix_that_is_longer_than_any_name() {
        var answer =
                server.json(
                        "ListQueues", "{\"QueueNamePrefix\":\"%s\"}".formatted("m".repeat(300)));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ListTopics", "ListSubscriptions"})
    void a_page_that_this_server_did_not_name_is_refused(String action) {
        String token =
                Base64.getUrlEncoder()
                        .encodeToString("m".repeat(300).getBytes(StandardCharsets.UTF_8));
        var answer = server.query("Action=" + action + "&Version=2010-03-31&NextToken=" + token);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("NextToken", "none that this server gave");
    }

    @Test
    void bytes_that_are_no_utf_8_are_refused() throws IOException {
        assertThat(
                        ask(
                                json("ListQueues")
                                        + "Content-Length: 4\r\nConnection: close\r\n\r\n"
                                        + "{\"\u00ff\""))
                .startsWith("HTTP/1.1 400")
                .contains("SerializationException");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1\r\n"
                        + "Host: h\r\n"
                        + "Content-Type: text/plain\r\n"
                        + "Content-Length: 1\r\n\r\n"
                        + "x",
                "POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AmazonSQS.ListQueues\r\n"
                        + "Content-Type: text/plain\r\nContent-Length: 2\r\nConnection: close"
                        + "\r\n\r\n{}",
                "POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AmazonSNS.Publish\r\n"
                        + "Content-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n"
                        + "Connection: close\r\n\r\n{}",
                "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AmazonSQS.ListQueues\r\n"
                        + "Content-Type: application/x-amz-json-1.0abc\r\nContent-Length: 2\r\n"
                        + "Connection: close\r\n\r\n{}",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencodedx"
                        + "\r\nContent-Length: 17\r\nConnection: close\r\n\r\n"
                        + "Action=ListQueues",
                "POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AmazonSQS.ListQueues\r\n"
                        + "Content-Type: application/x-amz-json-1.0\r\nTransfer-Encoding: gzip\r\n"
                        + "\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AmazonSQS.ListQueues\r\n"
                        + "Content-Type: application/x-amz-json-1.0\r\nContent-Length: 4\r\n"
                        + "Connection: close\r\n\r\n{\0}\0",
                "DELETE / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                "SPAM\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\nConnection: close\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\nConnection: close\r\n\r\n"
            })
    void what_is_no_request_of_sqs_is_refused(String request) throws IOException {
        assertThat(ask(request))
                .matches("(?s)HTTP/1.[01] 4\\d\\d .*")
                .containsAnyOf("<ErrorResponse", "\"__type\"")
                .doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /?Action=PurgeQueue HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.example",
                "GET /?Action=PurgeQueue HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: cross-site",
                "GET /?Action=ListQueues HTTP/1.1\r\nHost: evil.example:9324",
                "POST / HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example",
                "POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: null",
                "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.example"
            })
    void what_a_page_in_a_browser_asks_is_refused(String head) throws IOException {
        assertThat(ask(head + "\r\nContent-Length: 0\r\n\r\n"))
                .startsWith("HTTP/1.1 403")
                .contains("<Code>AccessDenied</Code>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /?Action=ListQueues HTTP/1.1\r\nHost: localhost:9324",
                "GET /?Action=ListQueues HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: none",
                "POST /?Action=ListQueues HTTP/1.1\r\nHost: sqs.company.example"
            })
    void what_a_program_or_a_person_asks_is_answered(String head) throws IOException {
        assertThat(ask(head + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void a_head_that_is_too_long_is_refused() throws IOException {
        assertThat(ask("GET /" + "x".repeat(10_000) + " HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.0 431")
                .contains("<ErrorResponse");
        assertThat(ask("GET / HTTP/1.1\r\nx: " + "x".repeat(10_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431")
                .contains("<ErrorResponse");
    }

    @Test
    void a_body_that_says_it_is_too_large_is_refused_before_it_arrives() throws IOException {
        assertThat(
                        ask(
                                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: "
                                        + (BODY_BYTES_MAX + 1)
                                        + "\r\n\r\n"))
                .startsWith("HTTP/1.1 413")
                .contains("RequestEntityTooLarge");
    }

    @Test
    void a_body_that_turns_out_to_be_too_large_is_refused_and_not_kept() throws IOException {
        String chunk = "1000\r\n" + "x".repeat(4096) + "\r\n";
        assertThat(
                        ask(
                                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        + chunk.repeat(20)))
                .startsWith("HTTP/1.1 413");
        await().until(() -> gauge("millstream.aws.body.bytes") == 0);
    }

    @Test
    void bodies_that_are_never_finished_hold_up_large_requests_only() throws IOException {
        try (AwsServer full = AwsServer.start(limits(BODY_BYTES_MAX, 20_000));
                Socket stuck = new Socket("localhost", full.port())) {
            String head = json("SendMessage") + "Content-Length: " + BODY_BYTES_MAX + "\r\n\r\n";
            stuck.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
            stuck.getOutputStream().write(new byte[BODY_BYTES_MAX - 1]);
            await().until(() -> gauge(full, "millstream.aws.body.bytes") == BODY_BYTES_MAX - 1);

            assertThat(status(full, "CreateQueue", "{\"QueueName\":\"mail\"}")).isEqualTo(200);
            assertThat(status(full, "SendMessage", message(full, SMALL_BODY_BYTES_MAX)))
                    .isEqualTo(200);
            assertThat(status(full, "SendMessage", message(full, SMALL_BODY_BYTES_MAX + 1)))
                    .isEqualTo(503);
            var handle = HANDLE.matcher(full.json("ReceiveMessage", queue(full) + "}").body());
            assertThat(handle.find()).isTrue();
            assertThat(status(full, "DeleteMessage", queue(full) + ',' + handle.group() + '}'))
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "POST /",
                "POST / HTTP/1.1\r\nHost: h\r\nX: ",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf of it"
            })
    void a_request_that_does_not_go_on_is_hung_up_on(String begin) throws IOException {
        assertThat(ask(begin)).isEmpty();
        assertThat(server.meters().get("millstream.aws.hung.up").counter().count()).isEqualTo(1);
        await().until(() -> gauge("millstream.aws.body.bytes") == 0);
    }

    @Test
    void a_request_that_arrives_byte_by_byte_is_hung_up_on() throws IOException {
        try (Socket slow = connect()) {
            byte[] endless = "GET / HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII);
            int[] sent = {0};
            var end = endOf(slow);
            // Each byte comes soon after the last: only the time for the whole request ends it.
            await().pollInterval(Duration.ofMillis(20))
                    .atMost(Duration.ofMillis(10 * LIMITS.requestMillis()))
                    .until(() -> {
                        dribble(slow, endless[Math.min(sent[0]++, endless.length - 1)]);
                        return end.isDone();
                    });

            assertThat(end.join()).as("what the server said before it hung up").isEqualTo(-1);
            assertThat(sent[0]).isGreaterThan(endless.length);
        }
        assertThat(server.meters().get("millstream.aws.hung.up").counter().count())
                .isGreaterThanOrEqualTo(1);
    }

    private static void dribble(Socket slow, byte next) throws IOException {
        try {
            slow.getOutputStream().write(next);
        } catch (SocketException e) {
            // Hung up on meanwhile; whoever reads will notice.
        }
    }

    /// What comes first from the server: a byte, or -1 once it has hung up.
    private static CompletableFuture<Integer> endOf(Socket socket) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return socket.getInputStream().read();
                    } catch (SocketTimeoutException e) {
                        throw new UncheckedIOException(e);
                    } catch (IOException e) {
                        return -1;
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    @Test
    void two_thousand_idle_connections_leave_room_for_the_others() throws IOException {
        List<Socket> idle = new ArrayList<>();
        try (AwsServer roomy = AwsServer.start(AwsServer.LIMITS)) {
            for (int i = 0; i < 2_000; i++) {
                idle.add(new Socket("localhost", roomy.port()));
            }
            // A connection is there for its client before the server has been given it.
            await().until(() ->
                    roomy.meters().get("millstream.aws.connections").gauge().value() >= 2_000);
            assertThat(roomy.json("ListQueues", "{}").statusCode()).isEqualTo(200);
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void a_connection_too_many_is_hung_up_on() throws IOException {
        AwsLimits few =
                new AwsLimits(
                        1, 3, 10, 4 << 10, 4 << 10, 4 << 10, 1 << 10, 4 << 10, 1 << 20, 16 << 10,
                        6 << 20, 4, 9_000, 9_000, 9_000, 500);
        try (AwsServer small = AwsServer.start(few)) {
            List<Socket> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(new Socket("localhost", small.port()));
            }
            await().until(() ->
                    small.meters().get("millstream.aws.connections").gauge().value() == 3);
            try (Socket extra = new Socket("localhost", small.port())) {
                assertThat(extra.getInputStream().read()).isEqualTo(-1);
            }
            for (Socket socket : all) {
                socket.close();
            }
        }
    }

    @Test
    void requests_may_come_one_after_the_other_without_waiting() throws IOException {
        String one = json("ListQueues") + "Content-Length: 2";
        String last = one + "\r\nConnection: close\r\n\r\n{}";

        String answers = ask((one + "\r\n\r\n{}").repeat(5) + last);

        assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(7);
    }

    private static AwsLimits limits(long bodiesBytesMax, long requestMillis) {
        return new AwsLimits(
                2,
                2_100,
                100,
                4 << 10,
                4 << 10,
                BODY_BYTES_MAX,
                SMALL_BODY_BYTES_MAX,
                bodiesBytesMax,
                1 << 20,
                16 << 10,
                6 << 20,
                4,
                requestMillis,
                400,
                800,
                2_000);
    }

    /// The head of a JSON request but for its length.
    private static String json(String action) {
        return "POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AmazonSQS."
                + action
                + "\r\nContent-Type: application/x-amz-json-1.0\r\n";
    }

    /// The beginning of a request about the queue.
    private static String queue(AwsServer server) {
        return "{\"QueueUrl\":\"" + server.url("mail") + "\"";
    }

    /// A SendMessage of so many bytes.
    private static String message(AwsServer server, int bytes) {
        String begin = queue(server) + ",\"MessageBody\":\"";
        return begin + "x".repeat(bytes - begin.length() - 2) + "\"}";
    }

    private static int status(AwsServer server, String action, String body) {
        return server.json(action, body).statusCode();
    }

    private double gauge(String name) {
        return gauge(server, name);
    }

    private static double gauge(AwsServer server, String name) {
        return server.meters().get(name).gauge().value();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("localhost", server.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    /// All that the server says until it hangs up.
    private String ask(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
